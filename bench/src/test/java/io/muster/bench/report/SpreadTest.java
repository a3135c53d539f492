package io.muster.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {
  @Test
  void isTheMiddleAndTheEnds() {
    assertThat(Spread.of(List.of(3.0, 1.0, 2.0))).isEqualTo(new Spread(2, 1, 3));
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 3.0)).median()).isEqualTo(2.5);
  }

  @Test
  void leavesOutWhatIsNotThere() {
    assertThat(Spread.of(List.of(Double.NaN, 5.0))).isEqualTo(new Spread(5, 5, 5));
    assertThat(Spread.of(List.of())).hasToString("–");
  }

  @Test
  void showsAsManyDigitsAsSaySomething() {
    assertThat(Spread.of(List.of(12345.6, 9.876, 43.21))).hasToString("43.2 (9.88–12 346)");
  }
}
