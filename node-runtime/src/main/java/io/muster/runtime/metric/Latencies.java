package io.muster.runtime.metric;

import java.util.Arrays;
import java.util.Locale;

/**
 * How long things took in the last five minutes: percentiles that are right to 6 %. Writing one
 * down costs a few nanoseconds. Used by one thread.
 *
 * <p>Times are counted in buckets, 16 for each doubling of microseconds; ten rounds of such counts
 * follow each other, half a minute each, and the oldest is forgotten.
 */
public final class Latencies {
  private static final int SLOTS = 10;
  private static final long SLOT_NANOS = 30_000_000_000L;
  private static final int HIGHEST_BIT = 36;
  private static final int BUCKETS = (HIGHEST_BIT - 2) * 16;

  private final int[][] slots = new int[SLOTS][];
  private final long[] slotRound = new long[SLOTS];

  /**
   * @param elapsedNanos how long it took
   * @param nowNanos of one clock like {@link System#nanoTime} for all calls
   */
  public void record(long elapsedNanos, long nowNanos) {
    long round = Math.floorDiv(nowNanos, SLOT_NANOS);
    int slot = (int) Math.floorMod(round, (long) SLOTS);
    int[] counts = slots[slot];
    if (counts == null) {
      counts = new int[BUCKETS];
      slots[slot] = counts;
      slotRound[slot] = round;
    } else if (slotRound[slot] != round) {
      Arrays.fill(counts, 0);
      slotRound[slot] = round;
    }
    counts[bucket(elapsedNanos / 1000)]++;
  }

  /**
   * @param nowNanos of the clock that {@link #record} is called with
   */
  public Summary summary(long nowNanos) {
    long oldest = Math.floorDiv(nowNanos, SLOT_NANOS) - SLOTS;
    long[] sums = new long[BUCKETS];
    long count = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      if (slots[slot] != null && slotRound[slot] > oldest) {
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
          sums[bucket] += slots[slot][bucket];
          count += slots[slot][bucket];
        }
      }
    }
    if (count == 0) {
      return Summary.NONE;
    }
    return new Summary(
        count, at(sums, count, 0.5), at(sums, count, 0.95), at(sums, count, 0.99), most(sums));
  }

  private static double at(long[] sums, long count, double share) {
    long rank = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int bucket = 0; bucket < BUCKETS; bucket++) {
      seen += sums[bucket];
      if (seen >= rank) {
        return millis(bucket);
      }
    }
    return millis(BUCKETS - 1);
  }

  private static double most(long[] sums) {
    int bucket = BUCKETS - 1;
    while (sums[bucket] == 0) {
      bucket--;
    }
    return millis(bucket);
  }

  private static int bucket(long micros) {
    if (micros < 16) {
      return (int) Math.max(0, micros);
    }
    int bit = 63 - Long.numberOfLeadingZeros(micros);
    if (bit > HIGHEST_BIT) {
      return BUCKETS - 1;
    }
    return (bit - 3) * 16 + (int) ((micros >>> (bit - 4)) & 15);
  }

  /** The middle of a bucket. */
  private static double millis(int bucket) {
    if (bucket < 16) {
      return bucket / 1000.0;
    }
    int shift = bucket / 16 - 1;
    long low = (16L + bucket % 16) << shift;
    return (low + (1L << shift) / 2.0) / 1000.0;
  }

  /**
   * Milliseconds; all 0 when nothing was recorded.
   *
   * @param count how many there were
   */
  public record Summary(long count, double p50, double p95, double p99, double max) {
    public static final Summary NONE = new Summary(0, 0, 0, 0, 0);

    /** How far back it looks, in seconds. */
    public static final int WINDOW_SECONDS = (int) (SLOTS * SLOT_NANOS / 1_000_000_000L);

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT, "%d: p50 %.1f ms, p95 %.1f ms, p99 %.1f ms", count, p50, p95, p99);
    }
  }
}
