package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChunkProbeTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"usage\":null}|0",
        "{\"usage\" : null}|0",
        "{\"usage\":{\"prompt_tokens\":1}}|1",
        "{\"usage\": {}}|1",
        "{\"error\":null}|0",
        "{\"error\":{\"message\":\"x\"}}|2",
        "{\"object\":\"error\"}|2",
        "{\"choices\":[{\"finish_reason\":null}]}|0",
        "{\"choices\":[{\"finish_reason\" :  \"stop\"}]}|4",
        "{\"choices\":[{\"finish_reason\":\"stop\"}],\"usage\":{}}|5",
        "{\"content\":\"the \\\"usage\\\" of \\\"error\\\"\"}|0",
        "{\"content\":\"usage error reason\"}|0",
        "{}|0",
        "{\"usag\":1}|0",
      })
  void findsWhatHasToBeRead(String json, int flags) {
    byte[] bytes = ("xx" + json + "\"usage\":1").getBytes(UTF_8);
    assertThat(ChunkProbe.flags(bytes, 2, 2 + json.getBytes(UTF_8).length)).isEqualTo(flags);
  }

  @Test
  void findsItAtEveryDistance() {
    for (int distance = 0; distance < 64; distance++) {
      String text = "{\"c\":\"" + "x".repeat(distance) + "\",\"usage\":{\"a\":1}}";
      byte[] bytes = text.getBytes(UTF_8);
      assertThat(ChunkProbe.flags(bytes, 0, bytes.length)).isEqualTo(ChunkProbe.USAGE);
      text = "{\"c\":\"" + "\\\"r".repeat(distance) + "\",\"finish_reason\":\"stop\"}";
      bytes = text.getBytes(UTF_8);
      assertThat(ChunkProbe.flags(bytes, 0, bytes.length)).isEqualTo(ChunkProbe.FINISH);
    }
  }
}
