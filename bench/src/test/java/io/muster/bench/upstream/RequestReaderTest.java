package io.muster.bench.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestReaderTest {
  private final List<UpstreamRequest> requests = new ArrayList<>();
  private final RequestReader reader = new RequestReader(requests::add);

  @Test
  void readsRequestsInPiecesOfAnySize() {
    String input =
        "GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n"
            + "POST /a HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
            + "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
    for (int size = 1; size <= input.length(); size++) {
      requests.clear();
      for (int i = 0; i < input.length(); i += size) {
        reader.handle(Buffer.buffer(input.substring(i, Math.min(input.length(), i + size))));
      }
      assertThat(requests)
          .as("pieces of %d bytes", size)
          .containsExactly(
              new UpstreamRequest("/v1/models", ""),
              new UpstreamRequest("/a", "body"),
              new UpstreamRequest("/b", "4\r\nbody\r\n0\r\n\r\n"));
    }
  }

  @Test
  void understandsAQuestion() {
    assertThat(ChatQuestion.of("{\"model\":\"bench-instant\"}"))
        .isEqualTo(new ChatQuestion(false, false, false));
    assertThat(
            ChatQuestion.of(
                "{\"stream\": true, \"model\":\"bench-paced\","
                    + "\"stream_options\":{\"include_usage\" : true}}"))
        .isEqualTo(new ChatQuestion(true, true, true));
    assertThat(ChatQuestion.of("{\"stream\":false}").stream()).isFalse();
  }
}
