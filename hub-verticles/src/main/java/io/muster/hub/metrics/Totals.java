package io.muster.hub.metrics;

import io.muster.bus.Failure;
import io.muster.runtime.metric.Latencies;
import java.util.Map;

/**
 * What the hub did since it started.
 *
 * @param requests jobs that came in
 * @param errors jobs that failed, cancelled ones not among them
 * @param retries attempts after a job's first
 * @param inFlight jobs that have not ended, waiting ones among them
 * @param streams those of them that stream
 * @param latency from submission to end, of jobs that ended well
 * @param firstToken from submission to the first piece of a stream
 * @param failures how often each kind occurred, {@link Failure#CANCELLED} among them
 * @param httpResponses by the first digit of their status: 1 to 5
 * @param connections of HTTP clients, open now
 */
public record Totals(
    long requests,
    long completed,
    long errors,
    long cancelled,
    long retries,
    int inFlight,
    int streams,
    Latencies.Summary latency,
    Latencies.Summary firstToken,
    long promptTokens,
    long completionTokens,
    Map<Failure, Long> failures,
    long[] httpResponses,
    int connections) {}
