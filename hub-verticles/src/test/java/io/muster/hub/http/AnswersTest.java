package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnswersTest {
  @Test
  void readsABlockOfChunks() throws IOException {
    List<Answers.Part> parts =
        Answers.chunks(
            bytes(
                ": a comment\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"é\"}}]}\n\n"
                    + "data:{\"choices\":[]}\r\n\r\n"
                    + "data: {\"choices\":[{\"delta\":{\"reasoning\":\"hm\"},"
                    + "\"finish_reason\":\"stop\"}]}\n\n"));
    assertThat(parts).hasSize(2);
    assertThat(parts.get(0).content()).isEqualTo("é");
    assertThat(parts.get(0).finishReason()).isNull();
    assertThat(parts.get(1).content()).isEmpty();
    assertThat(parts.get(1).thinking()).isEqualTo("hm");
    assertThat(parts.get(1).finishReason()).isEqualTo("stop");
  }

  @Test
  void readsAWholeAnswerOfTextOrParts() throws IOException {
    assertThat(Answers.whole(bytes("{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}")).content())
        .isEqualTo("Hi");
    assertThat(
            Answers.whole(
                    bytes(
                        "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\","
                            + "\"text\":\"a\"},{\"text\":\"b\"}]}}]}"))
                .content())
        .isEqualTo("ab");
    assertThat(Answers.whole(bytes("{}")).content()).isEmpty();
  }

  @Test
  void failsOnWhatIsNoJson() {
    assertThatThrownBy(() -> Answers.whole(bytes("<html>"))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Answers.chunks(bytes("data: <\n\n"))).isInstanceOf(IOException.class);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
