package io.muster.hub.metrics;

import io.muster.runtime.metric.Latencies;

/**
 * What the hub saw of one node, since the hub started or the node appeared.
 *
 * @param since when the hub began to count, in milliseconds since 1970; 0 when it sent nothing yet
 * @param requests attempts that were sent to it
 * @param errors attempts that failed by its fault, so neither the client's nor for want of a place
 * @param retries attempts that had failed elsewhere before
 * @param cancelled jobs on it whose client went away
 * @param latency from sending to end, of attempts that ended well
 * @param firstToken from the job's submission to the first piece of a stream
 * @param lastError null for none
 */
public record NodeTotals(
    long since,
    long requests,
    long completed,
    long errors,
    long retries,
    long cancelled,
    Latencies.Summary latency,
    Latencies.Summary firstToken,
    long promptTokens,
    long completionTokens,
    LastError lastError) {

  static final NodeTotals NONE =
      new NodeTotals(0, 0, 0, 0, 0, 0, Latencies.Summary.NONE, Latencies.Summary.NONE, 0, 0, null);

  /**
   * The last thing that went wrong.
   *
   * @param at milliseconds since 1970
   * @param kind as in labels: {@code provider_error}
   */
  public record LastError(long at, String kind, String message) {}
}
