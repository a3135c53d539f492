package io.muster.worker.tool.web;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** GET requests whose answers are read up to a size and a time, and that can be given up. */
final class Web {
  private static final String GIVEN_UP = "nobody wants it any more";

  private final HttpClient client;
  private final String userAgent;

  Web(Vertx vertx, HttpClientOptions options, String userAgent) {
    this.client = vertx.createHttpClient(options);
    this.userAgent = userAgent;
  }

  static HttpClientOptions options() {
    return new HttpClientOptions()
        .setConnectTimeout(10_000)
        // A connection belongs to an address that was judged for one request.
        .setKeepAlive(false)
        // Little that is packed can be much that is unpacked.
        .setDecompressionSupported(false)
        .setMaxHeaderSize(32 << 10);
  }

  /**
   * An answer.
   *
   * @param cut whether there was more than was read
   */
  record Answer(int status, MultiMap headers, Buffer body, boolean cut) {}

  /** What is under way, one request after the other, to be given up. */
  static final class Running {
    private Step step;
    private boolean over;

    /** Ends the request that is on its way, and lets no other begin. */
    void stop() {
      over = true;
      if (step != null) {
        step.end();
      }
    }

    private Step begin() {
      step = new Step();
      if (over) {
        step.end();
      }
      return step;
    }
  }

  /** One request, whose connection may come when nobody waits for it any more. */
  private static final class Step {
    private HttpClientRequest request;
    private boolean ended;

    /** Closes the connection, now or once there is one. */
    void end() {
      ended = true;
      if (request != null) {
        var unused = request.connection().close();
        request = null;
      }
    }

    /**
     * @return whether it is still wanted
     */
    boolean is(HttpClientRequest begun) {
      request = begun;
      if (ended) {
        end();
      }
      return !ended;
    }
  }

  /**
   * Asks.
   *
   * @param address to connect to; null for whatever the host's name leads to
   * @param timeoutMs for all of it
   */
  Future<Answer> get(
      URI url,
      InetAddress address,
      Map<String, String> headers,
      int maxBytes,
      long timeoutMs,
      Running running) {
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setHost(url.getHost())
            .setPort(port)
            .setSsl(tls)
            .setURI(path(url))
            .setFollowRedirects(false)
            .putHeader("user-agent", userAgent)
            .putHeader("accept-encoding", "identity");
    headers.forEach(options::putHeader);
    if (address != null) {
      options.setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, port)));
    }
    Step step = running.begin();
    if (step.ended) {
      return Future.failedFuture(GIVEN_UP);
    }
    return client
        .request(options)
        .compose(
            request ->
                step.is(request)
                    ? request.send().compose(response -> read(response, maxBytes, step))
                    : Future.failedFuture(GIVEN_UP))
        .timeout(Math.max(1, timeoutMs), TimeUnit.MILLISECONDS)
        .onComplete(done -> step.end());
  }

  private static Future<Answer> read(HttpClientResponse response, int maxBytes, Step step) {
    Promise<Answer> read = Promise.promise();
    Buffer body = Buffer.buffer();
    response
        .handler(
            piece -> {
              int room = maxBytes - body.length();
              body.appendBuffer(piece.length() <= room ? piece : piece.slice(0, room));
              if (piece.length() > room) {
                read.tryComplete(new Answer(response.statusCode(), response.headers(), body, true));
                step.end();
              }
            })
        .exceptionHandler(read::tryFail)
        .endHandler(
            v ->
                read.tryComplete(
                    new Answer(response.statusCode(), response.headers(), body, false)));
    return read.future();
  }

  private static String path(URI url) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  Future<Void> close() {
    return client.close();
  }
}
