package io.muster.hub.gateway;

/** Counts faults by the minute that begins with the first one. */
final class FaultCount {
  private static final long MINUTE_NANOS = 60_000_000_000L;

  private final int most;
  private long began;
  private int count;
  private boolean started;

  FaultCount(int most) {
    this.most = most;
  }

  /** Counts one more; false when it is one too many for its minute. */
  boolean add(long nowNanos) {
    if (!started || nowNanos - began >= MINUTE_NANOS) {
      started = true;
      began = nowNanos;
      count = 0;
    }
    count++;
    return count <= most;
  }
}
