package io.muster.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerReaderTest {
  private final DeltaCheck check = new DeltaCheck(1, false, new Times());
  private final AnswerReader reader = new AnswerReader(check);

  @Test
  void readsABodyOfKnownLength() {
    read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n#0 ab");

    assertThat(reader.complete()).isTrue();
    assertThat(reader.reusable()).isTrue();
    assertThat(check.clean()).isTrue();
  }

  @Test
  void readsChunksInPiecesOfAnySize() {
    String answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "2;x=y\r\n#0\r\nA\r\n 123456789\r\n0\r\nTrailer: x\r\n\r\n";
    for (int size = 1; size < answer.length(); size++) {
      reader.begin();
      for (int i = 0; i < answer.length(); i += size) {
        assertThat(reader.complete()).isFalse();
        read(answer.substring(i, Math.min(answer.length(), i + size)));
      }
      assertThat(reader.complete()).as("pieces of %d bytes", size).isTrue();
      assertThat(check.clean()).as("pieces of %d bytes", size).isTrue();
    }
  }

  @Test
  void readsUntilTheConnectionEnds() {
    read("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n#0 ab");
    assertThat(reader.complete()).isFalse();

    assertThat(reader.endOfInput()).isTrue();
    assertThat(reader.reusable()).isFalse();
  }

  @Test
  void aCutAnswerIsNotComplete() {
    read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n#0\r\n");

    assertThat(reader.endOfInput()).isFalse();
  }

  @Test
  void keepsWhatAnErrorSays() {
    read("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nfull");

    assertThat(reader.status()).isEqualTo(503);
    assertThat(reader.sample()).isEqualTo("full");
    assertThat(reader.reusable()).isTrue();
  }

  @Test
  void refusesWhatIsNotHttpAndWhatFollowsAnAnswer() {
    read("SSH-2.0-OpenSSH\r\n");
    assertThat(reader.broken()).isTrue();

    reader.begin();
    read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n#0HTTP/1.1");
    assertThat(reader.broken()).isTrue();
  }

  private void read(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    reader.read(bytes, 0, bytes.length, 0);
  }
}
