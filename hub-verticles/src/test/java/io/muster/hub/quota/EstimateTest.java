package io.muster.hub.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EstimateTest {
  @Test
  void countsTheTextsAndTheLongestAnswers() {
    Estimate estimate =
        of(
            "{\"messages\":[{\"role\":\"user\",\"content\":\"abcd\"}],\"max_tokens\":7,\"n\":2}",
            100);
    assertThat(estimate.prompt()).isEqualTo(4 + 2);
    assertThat(estimate.answer()).isEqualTo(14);
    assertThat(of("{\"messages\":[]}", 100).answer()).isEqualTo(100);
  }

  @Test
  void neverBecomesNegative() {
    String most =
        "{\"max_tokens\":" + Long.MAX_VALUE + ",\"n\":1000,\"messages\":[{\"content\":\"abcd\"}";
    assertThat(of(most + "]}", 1).tokens()).isPositive();
    assertThat(of(most + ",", 1).tokens()).as("cut off").isPositive();
    assertThat(of("[1,2]", 1).tokens()).isNotNegative();
  }

  private static Estimate of(String request, long answerTokens) {
    return Estimate.of(request.getBytes(StandardCharsets.UTF_8), answerTokens);
  }
}
