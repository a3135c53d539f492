package io.muster.worker.container;

import io.muster.container.ContainerSpec.Restart;

/** Whether a container that ended is started again, and when. */
final class RestartRule {
  /** One that ran for so long has recovered: the next wait is the shortest again. */
  private static final long RECOVERED_MS = 60_000;

  private final long baseMs;
  private final long maxMs;

  RestartRule(long baseMs, long maxMs) {
    this.baseMs = baseMs;
    this.maxMs = Math.max(baseMs, maxMs);
  }

  /**
   * Whether it is started again.
   *
   * @param cutOff whether it may have been the engine or the machine that ended it
   */
  static boolean again(Restart rule, int exitCode, boolean oomKilled, boolean cutOff) {
    return switch (rule) {
      case NO -> false;
      case ALWAYS -> true;
      case ON_FAILURE -> exitCode != 0;
      // What ends by itself says so by another code than a kill's or a vanished process'.
      case INTERRUPTED ->
          cutOff && !oomKilled && (exitCode == 137 || exitCode == 143 || exitCode == 255);
    };
  }

  /**
   * Milliseconds to wait.
   *
   * @param failures how often it ended in a row before it had recovered
   */
  long waitMs(int failures) {
    int doublings = Math.min(30, Math.max(0, failures - 1));
    return Math.min(maxMs, baseMs << doublings);
  }

  static boolean recovered(long ranMs) {
    return ranMs >= RECOVERED_MS;
  }
}
