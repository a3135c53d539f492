package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScaleSignalsTest {
  private final ScaleSignals signals = new ScaleSignals(100);

  @Test
  void aLongQueueIsToldOnceAndAgainOnlyAfterItWasShort() {
    assertThat(look(0, 100)).isNull();
    assertThat(look(9_999, 500)).isNull();
    assertThat(look(10_000, 100)).isEqualTo("scale_out_wanted");
    assertThat(look(60_000, 100)).isNull();
    assertThat(look(70_000, 60)).isNull();
    assertThat(look(90_000, 100)).isNull();
    assertThat(look(100_000, 50)).isNull();
    assertThat(look(101_000, 100)).isNull();
    assertThat(look(111_000, 100)).isEqualTo("scale_out_wanted");
  }

  @Test
  void nodesThatHaveNothingToDoForLongAreToldOnce() {
    assertThat(look(0, 0, "a")).isNull();
    assertThat(look(30_000, 1, "a")).isNull();
    assertThat(look(31_000, 0, "a")).isNull();
    assertThat(look(91_000, 0, "a")).isEqualTo("scale_in_possible");
    assertThat(look(200_000, 0, "a")).isNull();
    assertThat(look(201_000, 0)).isNull();
  }

  private String look(long now, int queued, String... idle) {
    return signals.look(now, queued, 2, List.of(idle)).map(ScaleSignals.Signal::type).orElse(null);
  }
}
