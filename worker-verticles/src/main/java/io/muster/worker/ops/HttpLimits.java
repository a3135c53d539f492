package io.muster.worker.ops;

import java.time.Duration;

/**
 * Bounds of the operators' interface.
 *
 * @param maxConnections open at once; one more is closed at once
 * @param maxHeaderBytes of all headers of a request
 * @param requestTimeout how long a client may take for a whole request, and how long it may keep an
 *     unused connection
 */
public record HttpLimits(int maxConnections, int maxHeaderBytes, Duration requestTimeout) {
  public static final HttpLimits DEFAULT = new HttpLimits(256, 16 * 1024, Duration.ofSeconds(10));
}
