package io.muster.worker.link;

import java.util.function.LongSupplier;

/** Keeps a trouble that goes on from filling the log: it is told once a minute, and when new. */
final class Grumble {
  private static final long AGAIN_NANOS = 60_000_000_000L;

  private final LongSupplier nanoTime;
  private String last;
  private long toldAt;

  Grumble(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Whether this is worth a line. */
  boolean isNew(String trouble) {
    long now = nanoTime.getAsLong();
    if (trouble.equals(last) && now - toldAt < AGAIN_NANOS) {
      return false;
    }
    last = trouble;
    toldAt = now;
    return true;
  }

  /** The trouble is over: it would be news again. */
  void over() {
    last = null;
  }
}
