package io.muster.runtime.monitor;

import java.time.Duration;

/**
 * Whether one figure is too high, with hysteresis: it is raised when the figure has stayed at one
 * limit or above for some time, and cleared when it has stayed at a lower one or below for as long.
 *
 * <pre>
 *             ≥ raise, for so long
 *   (clear) ─────────────────────────▶ (raised)
 *           ◀─────────────────────────
 *             ≤ clear, for so long
 * </pre>
 */
final class Threshold {
  private final Limit limit;
  private boolean raised;
  private boolean crossing;
  private long crossedAt;

  /**
   * What is too high, and what is well again.
   *
   * @param lasting how long a figure must have stayed there
   */
  record Limit(double raise, double clear, Duration lasting) {}

  Threshold(Limit limit) {
    this.limit = limit;
  }

  /**
   * Takes the figure as it is now.
   *
   * @param figure negative for one that is not known: nothing changes then
   * @param nanos now, by a monotonic clock
   * @return whether it is raised
   */
  boolean update(double figure, long nanos) {
    boolean across = figure >= 0 && (raised ? figure <= limit.clear() : figure >= limit.raise());
    if (!across) {
      crossing = false;
      return raised;
    }
    if (!crossing) {
      crossing = true;
      crossedAt = nanos;
    }
    if (nanos - crossedAt >= limit.lasting().toNanos()) {
      raised = !raised;
      crossing = false;
    }
    return raised;
  }
}
