package io.muster.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LoopLagTest {
  private static final long MS = 1_000_000;

  private final AtomicLong now = new AtomicLong(-7_000 * MS);
  private final LoopLag lag = new LoopLag(now::get, 200 * MS);

  @Test
  void isNoneWhileTheTimerFiresInTime() {
    for (int i = 0; i < 20; i++) {
      now.addAndGet(200 * MS);
      lag.tick();
    }
    assertThat(lag.worstNanos()).isZero();
    assertThat(status()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void showsADelayForTenSeconds() {
    now.addAndGet(500 * MS);
    lag.tick();
    assertThat(lag.worstNanos()).isEqualTo(300 * MS);
    assertThat(status()).isEqualTo(HealthStatus.DEGRADED);
    for (int i = 0; i < 40; i++) {
      now.addAndGet(200 * MS);
      lag.tick();
    }
    assertThat(lag.worstNanos()).isEqualTo(300 * MS);
    for (int i = 0; i < 20; i++) {
      now.addAndGet(200 * MS);
      lag.tick();
    }
    assertThat(lag.worstNanos()).isZero();
  }

  @Test
  void showsTheDelayGoingOn() {
    now.addAndGet(3_000 * MS);
    assertThat(lag.worstNanos()).isEqualTo(2_800 * MS);
    assertThat(status()).isEqualTo(HealthStatus.UNHEALTHY);
  }

  private HealthStatus status() {
    return lag.check().find().result().status();
  }
}
