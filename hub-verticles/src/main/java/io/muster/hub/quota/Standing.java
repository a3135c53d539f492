package io.muster.hub.quota;

/**
 * How much a principal has left, as of a moment; where there is no limit, it and what is left of it
 * are {@link Limits#NONE}.
 *
 * @param requests requests that may come at once
 * @param requestsLeft how many of them are left
 * @param requestsResetMs milliseconds until all are
 * @param tokensResetMs milliseconds until the day ends
 */
public record Standing(
    long requests,
    long requestsLeft,
    long requestsResetMs,
    long tokens,
    long tokensLeft,
    long tokensResetMs) {}
