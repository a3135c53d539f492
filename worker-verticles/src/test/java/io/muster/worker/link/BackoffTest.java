package io.muster.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void doublesUpToTheLongestAndBeginsAnew() {
    Backoff backoff = new Backoff(500, 30_000, () -> 0.999_999);
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      pauses.add(backoff.next());
    }
    assertThat(pauses)
        .containsExactly(500L, 1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 30_000L, 30_000L);
    backoff.reset();
    assertThat(backoff.next()).isEqualTo(500);
  }

  @Test
  void neverPausesForLessThanHalf() {
    Random random = new Random(3);
    Backoff backoff = new Backoff(1_000, 1_000, random::nextDouble);
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      pauses.add(backoff.next());
    }
    assertThat(pauses).allMatch(pause -> pause >= 500 && pause <= 1_000);
    assertThat(pauses.stream().distinct().count()).isGreaterThan(300);
  }

  @Test
  void grumblesOnceAMinuteAndWhenItIsNew() {
    long[] now = {0};
    Grumble grumble = new Grumble(() -> now[0]);
    assertThat(grumble.isNew("refused")).isTrue();
    assertThat(grumble.isNew("refused")).isFalse();
    assertThat(grumble.isNew("no route")).isTrue();
    now[0] += 60_000_000_000L;
    assertThat(grumble.isNew("no route")).isTrue();
    grumble.over();
    assertThat(grumble.isNew("no route")).isTrue();
  }
}
