package io.muster.hub.quota;

/**
 * What one request is expected to take.
 *
 * @param tokens of its prompt and of the longest answer it may get; an estimate
 */
public record Demand(long tokens, boolean stream) {}
