package io.muster.hub.http;

import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.util.List;

/**
 * Where the hub listens, who may call it, and the limits that one client cannot exceed.
 *
 * @param host the interface, as a name or an address
 * @param port 0 takes a free one
 * @param apiKeys one of these has to be presented on /v1 and /api; empty lets everybody in
 * @param hosts names beside this machine's own that a hub on loopback without keys answers to
 * @param maxBodyBytes largest body of a request (413 beyond)
 * @param maxHeaderBytes largest head of a request (431 beyond)
 * @param maxConnections most open connections; further ones are closed
 * @param maxInFlight most jobs at once over all clients (503 beyond)
 * @param maxStreams most of these jobs that are streams (503 beyond)
 * @param maxBufferedBytes most bytes of bodies held at once over all requests (503 beyond)
 * @param maxJsonDepth deepest nesting of a JSON body (400 beyond)
 * @param readTimeoutMs a whole request, head and body, has to arrive within (408, or just closed)
 * @param idleTimeoutMs a connection without a request is closed after; 0 never
 * @param stallTimeoutMs a client that takes nothing of its stream for so long is cut off
 * @param keepAliveMs after so long without a piece of a stream a comment is sent; 0 never
 * @param jobTimeoutMs a job's deadline, and the most that {@code x-timeout-ms} may ask for
 * @param drainMs a stop waits for running requests within
 * @param accessLog logs every request; else only those that ended with 5xx, the rest at debug
 */
public record HttpOptions(
    String host,
    int port,
    List<String> apiKeys,
    List<String> hosts,
    long maxBodyBytes,
    int maxHeaderBytes,
    int maxConnections,
    int maxInFlight,
    int maxStreams,
    long maxBufferedBytes,
    int maxJsonDepth,
    long readTimeoutMs,
    long idleTimeoutMs,
    long stallTimeoutMs,
    long keepAliveMs,
    long jobTimeoutMs,
    long drainMs,
    boolean accessLog) {

  /** Room for a request's URI, in bytes (414 beyond). */
  static final int MAX_URI_BYTES = 8192;

  /** The biggest frame of a WebSocket, in bytes; beyond, the connection ends with 1009. */
  static final int MAX_WEBSOCKET_FRAME_BYTES = 2 << 20;

  public HttpOptions {
    apiKeys = List.copyOf(apiKeys);
    hosts = List.copyOf(hosts);
  }

  /** What the settings say that a hub and a worker's near service have in common. */
  public static HttpOptions of(
      Settings settings, String host, int port, List<String> apiKeys, int jobTimeoutMs) {
    return new HttpOptions(
        host,
        port,
        apiKeys,
        settings.get(Catalogue.HTTP_HOSTS),
        settings.get(Catalogue.MAX_BODY_BYTES),
        settings.get(Catalogue.MAX_HEADER_BYTES),
        settings.get(Catalogue.MAX_CONNECTIONS),
        settings.get(Catalogue.MAX_IN_FLIGHT),
        settings.get(Catalogue.MAX_STREAMS),
        Math.max(2L * settings.get(Catalogue.MAX_BODY_BYTES), Runtime.getRuntime().maxMemory() / 4),
        settings.get(Catalogue.MAX_JSON_DEPTH),
        settings.get(Catalogue.HTTP_READ_TIMEOUT_MS),
        settings.get(Catalogue.HTTP_IDLE_TIMEOUT_MS),
        settings.get(Catalogue.HTTP_WRITE_TIMEOUT_MS),
        settings.get(Catalogue.STREAM_KEEP_ALIVE_MS),
        jobTimeoutMs,
        settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS),
        settings.get(Catalogue.ACCESS_LOG));
  }

  /** What holds when nothing is set, on loopback. */
  public static HttpOptions defaults() {
    return new HttpOptions(
        "127.0.0.1",
        3000,
        List.of(),
        List.of(),
        32L << 20,
        16 << 10,
        10_000,
        4096,
        2048,
        Math.max(64L << 20, Runtime.getRuntime().maxMemory() / 4),
        100,
        30_000,
        75_000,
        30_000,
        10_000,
        600_000,
        30_000,
        false);
  }
}
