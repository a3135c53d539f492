package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.container.ContainerSpec.Restart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestartRuleTest {
  @ParameterizedTest
  @CsvSource({
    "NO, 1, false, true, false",
    "ALWAYS, 0, false, false, true",
    "ON_FAILURE, 0, false, true, false",
    "ON_FAILURE, 1, false, false, true",
    "INTERRUPTED, 137, false, true, true",
    "INTERRUPTED, 255, false, true, true",
    "INTERRUPTED, 137, false, false, false",
    "INTERRUPTED, 137, true, true, false",
    "INTERRUPTED, 0, false, true, false",
    "INTERRUPTED, 1, false, true, false",
  })
  void isStartedAgain(
      Restart rule, int exitCode, boolean oomKilled, boolean cutOff, boolean again) {
    assertThat(RestartRule.again(rule, exitCode, oomKilled, cutOff)).isEqualTo(again);
  }

  @Test
  void waitsTwiceAsLongEachTime() {
    RestartRule rule = new RestartRule(100, 1_000);
    assertThat(rule.waitMs(1)).isEqualTo(100);
    assertThat(rule.waitMs(3)).isEqualTo(400);
    assertThat(rule.waitMs(4_000)).isEqualTo(1_000);
  }
}
