package io.muster.hub.dispatch;

/**
 * How many more tries the fleet can bear: a share of the jobs that came in, and a few in any case,
 * over the last ten seconds. Without it a failing provider would get several times its load just
 * when it can bear the least (see Finagle's retry budgets).
 */
final class RetryBudget {
  private static final long WINDOW_NANOS = 10_000_000_000L;

  private final double perJob;
  private final double perSecond;
  private final double most;
  private double balance;
  private long last;

  /**
   * @param percent retries for every hundred jobs
   * @param minPerSecond retries in a second that are always granted
   * @param now nanoseconds of a monotonic clock
   */
  RetryBudget(int percent, int minPerSecond, long now) {
    this.perJob = percent / 100.0;
    this.perSecond = minPerSecond;
    this.most = minPerSecond * 10.0;
    this.balance = most;
    this.last = now;
  }

  /** A job came in. */
  void deposit() {
    // Never more than what a window of heavy traffic would have saved.
    balance = Math.min(balance + perJob, most + perJob * 10_000);
  }

  /** Whether one more try is granted; takes it. */
  boolean withdraw(long now) {
    long passed = Math.min(WINDOW_NANOS, now - last);
    last = now;
    if (balance < most) {
      balance = Math.min(most, balance + perSecond * passed / 1e9);
    }
    if (balance < 1) {
      return false;
    }
    balance -= 1;
    return true;
  }
}
