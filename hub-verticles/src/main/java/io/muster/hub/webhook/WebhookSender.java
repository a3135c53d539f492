package io.muster.hub.webhook;

import io.muster.hub.events.Told;
import io.muster.runtime.net.PublicAddresses;
import io.vertx.core.Future;
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
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * Sends one event to one webhook. The host is looked up, judged, and connected to by the address
 * that was judged; redirects are not followed.
 */
final class WebhookSender {
  private static final int LONGEST_FAILURE = 300;

  private final Vertx vertx;
  private final HttpClient client;
  private final long timeoutMs;
  private final boolean allowPrivate;
  private final String version;
  private final Clock clock;

  /**
   * @param timeoutMs for all of it, look-up to answer
   * @param version of Muster
   */
  WebhookSender(Vertx vertx, long timeoutMs, boolean allowPrivate, String version, Clock clock) {
    this.vertx = vertx;
    this.timeoutMs = timeoutMs;
    this.allowPrivate = allowPrivate;
    this.version = version;
    this.clock = clock;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) Math.min(timeoutMs, 10_000))
                // A receiver is called seldom; a connection that waits may be a dead one.
                .setKeepAlive(false)
                .setDecompressionSupported(false)
                .setMaxHeaderSize(16 << 10));
  }

  /**
   * Tries once.
   *
   * @param attempt 1 the first
   * @return always succeeds, with what became of it
   */
  Future<Delivery> send(Webhook hook, Told told, int attempt) {
    long at = clock.millis();
    long began = System.nanoTime();
    String id = "dl_" + UUID.randomUUID().toString().replace("-", "");
    return vertx
        .executeBlocking(
            () ->
                PublicAddresses.resolve(
                    hook.url().getHost(), address -> allowPrivate, "WEBHOOKS_ALLOW_PRIVATE"),
            false)
        .compose(address -> post(hook, told, attempt, id, address))
        .timeout(timeoutMs, TimeUnit.MILLISECONDS)
        .transform(
            done -> {
              Integer status = done.succeeded() ? done.result() : null;
              boolean arrived = status != null && status >= 200 && status < 300;
              return Future.succeededFuture(
                  new Delivery(
                      id,
                      hook.id(),
                      told.id(),
                      told.type(),
                      attempt,
                      at,
                      (System.nanoTime() - began) / 1_000_000,
                      status,
                      arrived ? null : failure(status, done.cause())));
            });
  }

  private static String failure(Integer status, Throwable cause) {
    String why =
        status != null
            ? "answered " + status
            : cause instanceof java.util.concurrent.TimeoutException
                ? "no answer in time"
                : String.valueOf(cause.getMessage());
    return why.length() > LONGEST_FAILURE ? why.substring(0, LONGEST_FAILURE) : why;
  }

  private Future<Integer> post(
      Webhook hook, Told told, int attempt, String id, InetAddress address) {
    URI url = hook.url();
    boolean tls = "https".equalsIgnoreCase(url.getScheme());
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    Buffer body = told.toJson().toBuffer();
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setServer(SocketAddress.inetSocketAddress(new InetSocketAddress(address, port)))
            .setHost(url.getHost())
            .setPort(port)
            .setSsl(tls)
            .setURI(path(url))
            .setFollowRedirects(false)
            .setTimeout(timeoutMs)
            .putHeader("content-type", "application/json")
            .putHeader("user-agent", "Muster/" + version)
            .putHeader("x-muster-event", told.type())
            .putHeader("x-muster-event-id", told.id())
            .putHeader("x-muster-delivery", id)
            .putHeader("x-muster-attempt", Integer.toString(attempt))
            .putHeader(
                "x-muster-signature",
                Signature.of(hook.secret(), clock.millis() / 1000, body.getBytes()));
    return client.request(options).compose(request -> send(request, body));
  }

  /** The answer's head is all that counts: of its body nothing is read. */
  private static Future<Integer> send(HttpClientRequest request, Buffer body) {
    return request
        .send(body)
        .map(HttpClientResponse::statusCode)
        .onComplete(
            done -> {
              var unused = request.connection().close();
            });
  }

  private static String path(URI url) {
    String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  Future<Void> close() {
    return client.close();
  }
}
