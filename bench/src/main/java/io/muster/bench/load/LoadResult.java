package io.muster.bench.load;

import java.util.Map;

/**
 * What one load saw.
 *
 * @param clean answers that arrived whole and right within the time
 * @param errors how many went wrong in which way; they are never in {@code clean}
 * @param firstError what the first one looked like, or null
 * @param seconds how long the load lasted
 * @param latency from a request's sending to its answer's end, of clean answers
 * @param firstToken from a request's sending to the first delta's arrival
 * @param deltaDelay from a stamped delta's writing by the upstream to its arrival
 * @param peakInFlight the most requests that were unanswered at one time
 */
public record LoadResult(
    long clean,
    Map<String, Long> errors,
    String firstError,
    double seconds,
    Times latency,
    Times firstToken,
    Times deltaDelay,
    int peakInFlight) {

  public LoadResult {
    errors = Map.copyOf(errors);
  }

  public double perSecond() {
    return clean / seconds;
  }

  public long failed() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }
}
