package io.muster.hub.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NodeHealthTest {
  private static final long MS = 1_000_000;

  private final NodeHealth health = new NodeHealth(new NodeHealth.Options(3, 1_000, 5_000));

  @Test
  void onlyFailuresInARowEject() {
    health.failed(0);
    health.failed(0);
    health.succeeded();
    health.failed(0);
    health.failed(0);
    assertThat(health.admits(0)).isTrue();
    health.failed(0);
    assertThat(health.isEjected()).isTrue();
    assertThat(health.admits(0)).isFalse();
    assertThat(health.ejectedMs(0)).isEqualTo(1_000);
    assertThat(health.failuresInARow()).isEqualTo(3);
  }

  @Test
  void oneProbeAtATime() {
    eject(0);
    assertThat(health.admits(999 * MS)).isFalse();
    assertThat(health.admits(1_000 * MS)).isTrue();
    health.sent(1_000 * MS);
    assertThat(health.admits(1_000 * MS)).isFalse();
    health.succeeded();
    assertThat(health.isEjected()).isFalse();
    assertThat(health.admits(1_000 * MS)).isTrue();
  }

  @Test
  void everyFailedProbeDoublesTheWait() {
    eject(0);
    long now = 0;
    for (long wait : new long[] {1_000, 2_000, 4_000, 5_000, 5_000}) {
      assertThat(health.ejectedMs(now)).isEqualTo(wait);
      now += wait * MS;
      health.sent(now);
      health.failed(now);
    }
    now += 5_000 * MS;
    health.sent(now);
    health.succeeded();
    eject(now);
    assertThat(health.ejectedMs(now)).as("a success forgets").isEqualTo(1_000);
  }

  @Test
  void theLongWayOfDoublingDoesNotOverflow() {
    eject(0);
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += 5_000 * MS;
      health.failed(now);
      assertThat(health.ejectedMs(now)).isBetween(1_000L, 5_000L);
    }
  }

  @Test
  void aProbeThatSaysNothingFreesItsPlace() {
    eject(0);
    health.sent(1_000 * MS);
    health.undecided();
    assertThat(health.admits(1_000 * MS)).isTrue();
    health.sent(1_000 * MS);
    health.limitedFor(500, 1_000 * MS);
    assertThat(health.admits(1_000 * MS)).isFalse();
    assertThat(health.admits(1_500 * MS)).isTrue();
  }

  @Test
  void jobsOfBeforeTheEjectionThatEndLateDoNotProlongIt() {
    eject(0);
    for (int i = 1; i < 50; i++) {
      health.failed(i * MS);
    }
    assertThat(health.ejectedMs(50 * MS)).isEqualTo(950);
    health.sent(1_000 * MS);
    health.failed(1_001 * MS);
    for (int i = 0; i < 50; i++) {
      health.failed(1_002 * MS);
    }
    assertThat(health.ejectedMs(1_001 * MS)).as("doubled once").isEqualTo(2_000);
  }

  @Test
  void aLimitOutlivesJobsThatWereSentBeforeIt() {
    health.limitedFor(30_000, 0);
    health.succeeded();
    assertThat(health.admits(29_999 * MS)).isFalse();
    assertThat(health.limitedMs(29_999 * MS)).isEqualTo(1);
    assertThat(health.admits(30_000 * MS)).isTrue();
    assertThat(health.limitedMs(40_000 * MS)).isZero();
  }

  @Test
  void theLongerOfTwoLimitsCounts() {
    health.limitedFor(30_000, 0);
    health.limitedFor(250, 1 * MS);
    assertThat(health.limitedMs(1 * MS)).isEqualTo(29_999);
    health.limitedFor(250, 40_000 * MS);
    assertThat(health.limitedMs(40_000 * MS)).isEqualTo(250);
  }

  private void eject(long now) {
    for (int i = 0; i < 3; i++) {
      health.failed(now);
    }
  }
}
