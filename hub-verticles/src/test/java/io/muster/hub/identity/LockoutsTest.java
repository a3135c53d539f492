package io.muster.hub.identity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LockoutsTest {
  private long now;
  private final Lockouts lockouts = new Lockouts(3, 1000, () -> now);

  @Test
  void theLastOfTooManyFailuresLocksOutForAWhile() {
    assertThat(lockouts.failed("10.0.0.1")).isFalse();
    assertThat(lockouts.failed("10.0.0.1")).isFalse();
    assertThat(lockouts.lockedMs("10.0.0.1")).isZero();
    assertThat(lockouts.failed("10.0.0.1")).isTrue();
    assertThat(lockouts.lockedMs("10.0.0.1")).isEqualTo(1000);
    assertThat(lockouts.lockedMs("10.0.0.2")).isZero();
    now += 1_000_000_000;
    assertThat(lockouts.lockedMs("10.0.0.1")).isZero();
  }

  @Test
  void oldFailuresAreForgotten() {
    lockouts.failed("a");
    lockouts.failed("a");
    now += 1_000_000_001;
    lockouts.failed("a");
    assertThat(lockouts.lockedMs("a")).isZero();
  }

  @Test
  void aNetworkOfIpv6IsOneAddress() {
    lockouts.failed("2001:db8:1:2::1");
    lockouts.failed("2001:db8:1:2::2");
    lockouts.failed("2001:db8:1:2:ffff::3%eth0");
    assertThat(lockouts.lockedMs("2001:db8:1:2:3::4")).isPositive();
    assertThat(lockouts.lockedMs("2001:db8:1:3::1")).isZero();
  }
}
