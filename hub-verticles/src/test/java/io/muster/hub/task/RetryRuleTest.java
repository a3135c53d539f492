package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.task.TaskError;
import org.junit.jupiter.api.Test;

class RetryRuleTest {
  private static final Outcome FAILED = Outcome.of(TaskError.of(TaskError.TOOL_FAILED, "it broke"));

  private final RetryRule most = new RetryRule(1_000, 60_000, 2, bound -> bound - 1);
  private final RetryRule least = new RetryRule(1_000, 60_000, 2, bound -> 0);

  @Test
  void eachFurtherAttemptWaitsTwiceAsLongWithJitter() {
    assertThat(most.after(FAILED, 3, 3, 0))
        .isEqualTo(new RetryRule.Next(TaskStatus.QUEUED, 2, 0, 1_000));
    assertThat(most.after(FAILED, 2, 3, 0).delayMs()).isEqualTo(2_000);
    assertThat(most.after(FAILED, 1, 3, 0).delayMs()).isEqualTo(4_000);
    assertThat(least.after(FAILED, 1, 3, 0).delayMs()).isEqualTo(2_000);
    assertThat(most.after(FAILED, 1, 90, 0).delayMs()).isEqualTo(60_000);
  }

  @Test
  void whenNoTriesAreLeftItIsDead() {
    assertThat(most.after(FAILED, 0, 3, 0).status()).isEqualTo(TaskStatus.DEAD);
    assertThat(most.after(Outcome.timedOut(5), 0, 3, 0).status()).isEqualTo(TaskStatus.DEAD);
  }

  @Test
  void whatCannotSucceedIsNotTriedAgain() {
    Outcome lasting = Outcome.of(TaskError.lasting("invalid_arguments", "no"));
    assertThat(most.after(lasting, 3, 3, 0).status()).isEqualTo(TaskStatus.FAILED);
  }

  @Test
  void aLostNodeCostsNoTryButHasABoundOfItsOwn() {
    Outcome lost = Outcome.lost("gone");
    assertThat(most.after(lost, 0, 3, 0)).isEqualTo(new RetryRule.Next(TaskStatus.QUEUED, 0, 1, 0));
    assertThat(most.after(lost, 3, 3, 2).status()).isEqualTo(TaskStatus.DEAD);
  }

  @Test
  void aRefusalCostsNothing() {
    RetryRule.Next next = most.after(Outcome.undelivered("full"), 0, 3, 2);
    assertThat(next.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(next.losses()).isEqualTo(2);
    assertThat(next.delayMs()).isPositive();
  }
}
