package io.muster.hub.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlidingWindowTest {
  private static final long MINUTE = 60_000;

  @Test
  void forgetsASecondOnceAllOfItIsOut() {
    SlidingWindow window = new SlidingWindow();
    window.add(1_500);
    assertThat(window.count(1_500, MINUTE)).isEqualTo(1);
    assertThat(window.count(61_999, MINUTE)).isEqualTo(1);
    assertThat(window.count(62_000, MINUTE)).isZero();
    assertThat(window.waitMs(1_500, MINUTE, 1)).isEqualTo(60_500);
    assertThat(window.waitMs(1_500, MINUTE, 2)).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void neverCountsLessThanThereWereAndAtMostASecondsWorthMore(long seed) {
    Random random = new Random(seed);
    long windowMs = MINUTE * (1 + random.nextInt(Limits.MAX_BURST));
    SlidingWindow window = new SlidingWindow();
    List<Long> exact = new ArrayList<>();
    long now = 1_795_257_346_123L;
    for (int i = 0; i < 5_000; i++) {
      now += random.nextInt(10) == 0 ? random.nextInt(60_000) : random.nextInt(300);
      if (random.nextBoolean()) {
        window.add(now);
        exact.add(now);
      }
      if (random.nextInt(20) == 0) {
        window = SlidingWindow.of(window.toText());
      }
      long from = now - windowMs;
      long counted = window.count(now, windowMs);
      assertThat(counted).isGreaterThanOrEqualTo(exact.stream().filter(t -> t > from).count());
      assertThat(counted).isLessThanOrEqualTo(exact.stream().filter(t -> t > from - 1000).count());
      long limit = 1L + random.nextInt(50);
      long wait = window.waitMs(now, windowMs, limit);
      assertThat(window.count(now + wait, windowMs)).isLessThan(limit);
      if (wait > 0) {
        assertThat(window.count(now + wait - 1, windowMs)).isGreaterThanOrEqualTo(limit);
      }
      assertThat(window.count(now + window.emptyMs(now, windowMs), windowMs)).isZero();
    }
  }
}
