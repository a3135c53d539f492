package io.muster.runtime.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatenciesTest {
  private final Latencies latencies = new Latencies();

  @Test
  void saysNothingBeforeAnythingWasRecorded() {
    assertThat(latencies.summary(0)).isEqualTo(Latencies.Summary.NONE);
  }

  @Test
  void percentilesAreRightToSixPercent() {
    for (int ms = 1; ms <= 1000; ms++) {
      latencies.record(TimeUnit.MILLISECONDS.toNanos(ms), 0);
    }
    Latencies.Summary summary = latencies.summary(0);
    assertThat(summary.count()).isEqualTo(1000);
    assertThat(summary.p50()).isCloseTo(500, Percentage.withPercentage(6));
    assertThat(summary.p95()).isCloseTo(950, Percentage.withPercentage(6));
    assertThat(summary.p99()).isCloseTo(990, Percentage.withPercentage(6));
    assertThat(summary.max()).isCloseTo(1000, Percentage.withPercentage(6));
  }

  @Test
  void everyMagnitudeHasItsBucket() {
    for (long micros = 1; micros < 60_000_000_000L; micros = micros * 7 / 3 + 1) {
      Latencies one = new Latencies();
      one.record(micros * 1000, 0);
      assertThat(one.summary(0).p50()).isCloseTo(micros / 1000.0, Percentage.withPercentage(6.5));
    }
  }

  @Test
  void oddTimesDoNoHarm() {
    latencies.record(-5, 0);
    latencies.record(0, 0);
    latencies.record(Long.MAX_VALUE, 0);
    Latencies.Summary summary = latencies.summary(0);
    assertThat(summary.count()).isEqualTo(3);
    assertThat(summary.p50()).isCloseTo(0, within(0.001));
  }

  @Test
  void forgetsAfterFiveMinutes() {
    long start = TimeUnit.HOURS.toNanos(-1);
    latencies.record(1_000_000, start);
    assertThat(latencies.summary(start + TimeUnit.SECONDS.toNanos(269)).count()).isEqualTo(1);
    assertThat(latencies.summary(start + TimeUnit.SECONDS.toNanos(301)).count()).isZero();
    latencies.record(2_000_000, start + TimeUnit.SECONDS.toNanos(301));
    assertThat(latencies.summary(start + TimeUnit.SECONDS.toNanos(301)).count()).isEqualTo(1);
  }
}
