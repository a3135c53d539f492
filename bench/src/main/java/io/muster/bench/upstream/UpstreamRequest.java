package io.muster.bench.upstream;

/**
 * One HTTP request.
 *
 * @param body as it came, chunk framing included
 */
record UpstreamRequest(String path, String body) {}
