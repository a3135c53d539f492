package io.muster.runtime.health;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * How late the event loop comes to its work, by a timer that should fire regularly: the most of the
 * last ten seconds.
 */
public final class LoopLag {
  private static final long NANOS = 1_000_000_000L;
  private static final long PERIOD_MS = 200;
  private static final int SECONDS = 10;
  private static final long DEGRADED_MS = 250;
  private static final long UNHEALTHY_MS = 2_000;

  private final LongSupplier nanos;
  private final long periodNanos;
  private final long[] worst = new long[SECONDS];
  private final long[] seconds = new long[SECONDS];
  private long expected;

  /**
   * @param nanos a clock like {@link System#nanoTime}
   * @param periodNanos how often {@link #tick} is called when nothing is late
   */
  LoopLag(LongSupplier nanos, long periodNanos) {
    this.nanos = nanos;
    this.periodNanos = periodNanos;
    this.expected = nanos.getAsLong() + periodNanos;
    Arrays.fill(seconds, Long.MIN_VALUE);
  }

  /** Measures the event loop that this is called on, from now on. */
  public static LoopLag start(Vertx vertx) {
    LoopLag lag = new LoopLag(System::nanoTime, PERIOD_MS * 1_000_000);
    vertx.setPeriodic(PERIOD_MS, timer -> lag.tick());
    return lag;
  }

  void tick() {
    long now = nanos.getAsLong();
    long second = Math.floorDiv(now, NANOS);
    int slot = (int) Math.floorMod(second, (long) SECONDS);
    long before = seconds[slot] == second ? worst[slot] : 0;
    worst[slot] = Math.max(before, now - expected);
    seconds[slot] = second;
    expected = now + periodNanos;
  }

  /**
   * Nanoseconds, the most of the last ten seconds, the delay going on now included. Any thread may
   * ask; it may then miss the very last tick.
   */
  public long worstNanos() {
    long now = nanos.getAsLong();
    long oldest = Math.floorDiv(now, NANOS) - SECONDS;
    long most = Math.max(0, now - expected);
    for (int slot = 0; slot < SECONDS; slot++) {
      if (seconds[slot] > oldest) {
        most = Math.max(most, worst[slot]);
      }
    }
    return most;
  }

  /** The event loop as a part of a health report. */
  public HealthCheck check() {
    return HealthCheck.of("event-loop", this::finding);
  }

  private Finding finding() {
    long ms = worstNanos() / 1_000_000;
    String reason = "at most " + ms + " ms late in the last " + SECONDS + " s";
    Finding finding =
        ms >= UNHEALTHY_MS
            ? Finding.unhealthy(reason)
            : ms >= DEGRADED_MS ? Finding.degraded(reason) : Finding.healthy(reason);
    return finding.with(new JsonObject().put("lag_ms", ms));
  }
}
