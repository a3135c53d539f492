package io.muster.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CreditWindowTest {
  @Test
  void isEmptyWhenAllIsSpent() {
    CreditWindow window = new CreditWindow(2);
    window.spend();
    assertThat(window.isEmpty()).isFalse();
    window.spend();
    assertThat(window.isEmpty()).isTrue();
    window.grant(1);
    assertThat(window.isEmpty()).isFalse();
  }

  @Test
  void whatWasOverspentIsOwed() {
    CreditWindow window = new CreditWindow(1);
    for (int i = 0; i < 3; i++) {
      window.spend();
    }
    window.grant(2);
    assertThat(window.isEmpty()).isTrue();
    window.grant(1);
    assertThat(window.isEmpty()).isFalse();
  }
}
