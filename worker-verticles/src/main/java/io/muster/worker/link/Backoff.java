package io.muster.worker.link;

import java.util.function.DoubleSupplier;

/**
 * The pauses between attempts: each up to twice as long as the one before, and none exactly, so
 * that workers which lost their hub together do not come back together.
 */
final class Backoff {
  private final long minMs;
  private final long maxMs;
  private final DoubleSupplier random;
  private long nextMs;

  /**
   * @param random from 0 to below 1
   */
  Backoff(long minMs, long maxMs, DoubleSupplier random) {
    this.minMs = minMs;
    this.maxMs = Math.max(minMs, maxMs);
    this.random = random;
    this.nextMs = minMs;
  }

  /** The next pause, in milliseconds: from half of what is due to all of it. */
  long next() {
    long due = nextMs;
    nextMs = Math.min(maxMs, 2 * nextMs);
    return Math.round(due * (0.5 + random.getAsDouble() / 2));
  }

  /** An attempt went well. */
  void reset() {
    nextMs = minMs;
  }
}
