package io.muster.bench.load;

import org.HdrHistogram.Histogram;

/** Collects times to 0.1 %, from a nanosecond to a minute, without allocating. */
public final class Times {
  private static final long MOST_NANOS = 60_000_000_000L;

  private final Histogram histogram = new Histogram(MOST_NANOS, 3);

  /** Adds one time; what lies outside the range counts as its nearest end. */
  public void record(long nanos) {
    histogram.recordValue(Math.max(0, Math.min(nanos, MOST_NANOS)));
  }

  /** Forgets all times. */
  void reset() {
    histogram.reset();
  }

  /** Adds all times of another collection. */
  public void add(Times other) {
    histogram.add(other.histogram);
  }

  /**
   * The time in microseconds that the given part of all times does not exceed; NaN when there are
   * none.
   *
   * @param part 0.5 for the median, 0.99 for the 99th percentile
   */
  public double micros(double part) {
    return histogram.getTotalCount() == 0
        ? Double.NaN
        : histogram.getValueAtPercentile(part * 100) / 1000.0;
  }
}
