package io.muster.hub.dispatch;

import io.muster.bus.Failure;
import io.muster.bus.Fault;

/**
 * Whether a job that failed is tried again, after how long, and what its client is told where it is
 * not. Times are nanoseconds of the dispatcher's clock.
 */
final class Retries {
  /** Milliseconds that a client is told to wait where nobody knows how long it will take. */
  static final long COME_BACK_MS = 1000;

  private final Dispatcher.Options options;
  private final RetryBudget budget;

  Retries(Dispatcher.Options options, long now) {
    this.options = options;
    this.budget = new RetryBudget(options.retryPercent(), options.retryMinPerSecond(), now);
  }

  /** A job came in: the more come, the more may be tried again. */
  void submitted() {
    budget.deposit();
  }

  /** Whether the job, of which the client has seen nothing, may be tried again; counts it. */
  boolean allow(PendingJob job, Fault fault, long now) {
    if (!fault.failure().mayTryElsewhere() || now - job.deadline > 0) {
      return false;
    }
    return switch (fault.failure()) {
      // Nothing ran, so no try is used up; but it may not be sent to and fro for longer than wait.
      case NODE_BUSY, NODE_DRAINING -> {
        job.tries--;
        yield now - job.waitingSince <= options.queueTimeoutMs() * 1_000_000;
      }
      // A machine that dies takes all its jobs along at once: no budget may deny them another.
      case NODE_LOST -> job.tries < options.maxTries();
      default -> job.tries < options.maxTries() && budget.withdraw(now);
    };
  }

  /**
   * Milliseconds to wait where all nodes that could take the job have failed it: longer with every
   * node, and for every job a little different, so that those that failed together do not come back
   * together.
   */
  static long backoffMs(PendingJob job) {
    long half = Math.min(2_000, 100L << Math.min(4, job.triedNodes.size())) / 2;
    return half + Math.floorMod(job.job.id().hashCode(), half + 1);
  }

  /** A fault as a client sees it that has seen nothing else. */
  static Fault told(Fault fault) {
    return switch (fault.failure()) {
      case NODE_BUSY, NODE_DRAINING, NODE_LOST, UNREACHABLE ->
          new Fault(Failure.NO_CAPACITY, fault.message(), COME_BACK_MS, null);
      case PROVIDER_LIMITED ->
          new Fault(
              Failure.PROVIDER_LIMITED,
              fault.message(),
              Math.max(COME_BACK_MS, fault.retryAfterMs()),
              fault.detail());
      default -> fault;
    };
  }
}
