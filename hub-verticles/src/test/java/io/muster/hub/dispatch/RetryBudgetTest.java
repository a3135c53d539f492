package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static final long S = 1_000_000_000;

  @Test
  void aFewAreAlwaysGranted() {
    RetryBudget budget = new RetryBudget(0, 2, 0);
    assertThat(granted(budget, 100, 0)).isEqualTo(20);
    assertThat(granted(budget, 100, 3 * S)).isEqualTo(6);
    assertThat(granted(budget, 100, 1_000 * S)).as("no more than a window's").isEqualTo(20);
  }

  @Test
  void askingOftenDoesNotLoseTheFractions() {
    RetryBudget budget = new RetryBudget(0, 1, 0);
    granted(budget, 100, 0);
    int granted = 0;
    for (int ms = 1; ms <= 5_000; ms++) {
      granted += granted(budget, 1, ms * 1_000_000L);
    }
    assertThat(granted).isBetween(4, 5);
  }

  @Test
  void aShareOfTheJobs() {
    RetryBudget budget = new RetryBudget(20, 0, 0);
    assertThat(granted(budget, 10, 0)).isZero();
    for (int i = 0; i < 1_000; i++) {
      budget.deposit();
    }
    assertThat(granted(budget, 1_000, 0)).isBetween(199, 200);
  }

  @Test
  void noneWhereNoneAreWanted() {
    RetryBudget budget = new RetryBudget(0, 0, 0);
    budget.deposit();
    assertThat(granted(budget, 10, 100 * S)).isZero();
  }

  private static int granted(RetryBudget budget, int asked, long now) {
    int granted = 0;
    for (int i = 0; i < asked; i++) {
      granted += budget.withdraw(now) ? 1 : 0;
    }
    return granted;
  }
}
