package io.muster.hub.task;

import java.util.function.IntUnaryOperator;

/**
 * What becomes of a task after an attempt that did not succeed. Pure.
 *
 * @param backoffMs before the first further attempt; twice as long before each one after
 * @param backoffMaxMs at most
 * @param maxLosses nodes that may be lost under it
 * @param random a number from 0 to below its argument
 */
record RetryRule(long backoffMs, long backoffMaxMs, int maxLosses, IntUnaryOperator random) {
  /** After a refusal; it says nothing of the task, so it neither counts nor grows. */
  private static final long REFUSED_MS = 100;

  /**
   * @param status {@link TaskStatus#QUEUED}, {@link TaskStatus#FAILED} or {@link TaskStatus#DEAD}
   * @param delayMs milliseconds before which no attempt begins
   */
  record Next(TaskStatus status, int triesLeft, int losses, long delayMs) {}

  /**
   * @param triesLeft how often it may still fail
   * @param retries how often it could at first
   * @param losses how many nodes were lost under it before
   */
  Next after(Outcome outcome, int triesLeft, int retries, int losses) {
    return switch (outcome.kind()) {
      case COMPLETED -> new Next(TaskStatus.COMPLETED, triesLeft, losses, 0);
      case REFUSED -> new Next(TaskStatus.QUEUED, triesLeft, losses, jittered(REFUSED_MS));
      case LOST ->
          losses >= maxLosses
              ? new Next(TaskStatus.DEAD, triesLeft, losses + 1, 0)
              : new Next(TaskStatus.QUEUED, triesLeft, losses + 1, 0);
      case FAILED, TIMED_OUT -> {
        if (!outcome.error().retryable()) {
          yield new Next(TaskStatus.FAILED, triesLeft, losses, 0);
        }
        if (triesLeft <= 0) {
          yield new Next(TaskStatus.DEAD, 0, losses, 0);
        }
        int failed = Math.max(0, retries - triesLeft);
        long backoff = Math.min(backoffMaxMs, backoffMs << Math.min(failed, 30));
        yield new Next(TaskStatus.QUEUED, triesLeft - 1, losses, jittered(backoff));
      }
    };
  }

  /** Between half of it and all of it, so that what failed together does not come back together. */
  private long jittered(long ms) {
    int half = (int) Math.min(Integer.MAX_VALUE - 1, ms / 2);
    return ms - half + random.applyAsInt(half + 1);
  }
}
