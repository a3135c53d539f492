package io.muster.hub.node;

/**
 * Whether one provider of a node deserves jobs, judged by how its last ones ended. A pure state
 * machine; times are nanoseconds of a monotonic clock.
 *
 * <pre>
 *   CLOSED ──n failures in a row──▶ EJECTED ──while passes──▶ PROBING (one job)
 *     ▲                               ▲                          │
 *     └──────────── success ──────────┼──────────────────────────┤
 *                                     └── failure: twice as long ┘
 * </pre>
 */
final class NodeHealth {
  private final Options options;
  private int failures;
  private int ejections;
  private boolean ejected;
  private long until;
  private boolean probing;
  private boolean limited;
  private long limitedUntil;

  /**
   * @param failures in a row that eject
   * @param baseMs the first ejection, in milliseconds; each further one lasts twice as long
   * @param maxMs the longest
   */
  record Options(int failures, long baseMs, long maxMs) {}

  NodeHealth(Options options) {
    this.options = options;
  }

  /** Whether a job may be sent now; asking changes nothing. */
  boolean admits(long now) {
    if (isLimited(now)) {
      return false;
    }
    return !ejected || (now - until >= 0 && !probing);
  }

  /** A job is sent: the one probe, when the node was ejected. */
  void sent(long now) {
    if (ejected && now - until >= 0) {
      probing = true;
    }
  }

  void succeeded() {
    failures = 0;
    ejections = 0;
    ejected = false;
    probing = false;
    // A limit stands: what ends well now was sent before the provider asked for it.
  }

  /** A job failed by the node's fault. */
  void failed(long now) {
    failures++;
    if (ejected ? probing || now - until >= 0 : failures >= options.failures()) {
      eject(now);
    }
  }

  /** A job ended in a way that says nothing of the node: a probe may be sent again. */
  void undecided() {
    probing = false;
  }

  /** The provider asked to be left alone for so many milliseconds. */
  void limitedFor(long ms, long now) {
    long end = now + ms * 1_000_000;
    if (!isLimited(now) || end - limitedUntil > 0) {
      limitedUntil = end;
    }
    limited = true;
    probing = false;
  }

  /** Milliseconds for which the provider asked to be left alone; 0 when it does not. */
  long limitedMs(long now) {
    return isLimited(now) ? millis(limitedUntil - now) : 0;
  }

  /** Milliseconds until an ejected provider is probed; 0 when it may be, or is not ejected. */
  long ejectedMs(long now) {
    return ejected ? millis(until - now) : 0;
  }

  /** Whether the provider asked to be left alone, and still does. */
  boolean isLimited(long now) {
    return limited && now - limitedUntil < 0;
  }

  boolean isEjected() {
    return ejected;
  }

  int failuresInARow() {
    return failures;
  }

  private static long millis(long nanos) {
    return Math.max(0, (nanos + 999_999) / 1_000_000);
  }

  private void eject(long now) {
    long ms = Math.min(options.maxMs(), options.baseMs() << Math.min(ejections, 20));
    ejected = true;
    probing = false;
    ejections++;
    until = now + ms * 1_000_000;
  }
}
