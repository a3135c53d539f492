package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.tracing.TracingPolicy;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP client of one server: its address, headers, connections and time-outs. */
final class ModelClient {
  static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");

  /** JSON of more bytes is read and written on a worker thread. */
  static final int LARGE = 256 << 10;

  private static final Logger log = LoggerFactory.getLogger(ModelClient.class);

  /** What a list of models may take; less than how often it is asked for. */
  private static final long LONGEST_LOOK_MS = 10_000;

  /** Connections by HTTP/2 carry many requests each. */
  private static final int REQUESTS_PER_HTTP2_CONNECTION = 32;

  private final Vertx vertx;
  private final ClientOptions options;
  private final URI base;
  private final MultiMap headers;
  private final ProviderFaults faults;
  private final CallWatch watch;
  private final HttpClient http;

  /**
   * @param name the provider's, for messages
   * @param baseUrl {@code http} or {@code https}; paths are appended to it
   * @param secret the key among the headers, to keep it out of messages; may be null
   * @throws IllegalArgumentException when the URL is none
   */
  ModelClient(
      Vertx vertx,
      String name,
      String baseUrl,
      String secret,
      Map<String, String> headers,
      ClientOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.base = base(baseUrl);
    this.headers = HttpHeaders.headers().add(HttpHeaders.USER_AGENT, "muster");
    headers.forEach(this.headers::add);
    this.faults = new ProviderFaults(name + " (" + shown(base) + ")", secret);
    this.watch =
        new CallWatch(
            vertx,
            Math.min(options.firstTokenTimeoutMs(), options.idleTimeoutMs()),
            () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    this.http =
        vertx
            .httpClientBuilder()
            .with(clientOptions(base, options))
            .with(
                new PoolOptions()
                    .setHttp1MaxSize(options.poolSize())
                    .setHttp2MaxSize(
                        Math.max(1, options.poolSize() / REQUESTS_PER_HTTP2_CONNECTION)))
            .build();
  }

  private static HttpClientOptions clientOptions(URI base, ClientOptions options) {
    boolean tls = base.getScheme().equals("https");
    HttpClientOptions http =
        new HttpClientOptions()
            .setConnectTimeout(options.connectTimeoutMs())
            .setTcpNoDelay(true)
            .setKeepAlive(true)
            .setKeepAliveTimeout(60)
            .setMaxHeaderSize(32 << 10)
            // A larger chunk of the server is cut, and then costs a second round.
            .setMaxChunkSize(64 << 10)
            .setTracingPolicy(TracingPolicy.IGNORE);
    if (tls) {
      http.setSsl(true).setUseAlpn(true).setProtocolVersion(HttpVersion.HTTP_2);
    }
    ProxyChoice.forServer(base, options.environment()).ifPresent(http::setProxyOptions);
    return http;
  }

  /** Where a method and a path lead, with the headers every request has; made once per path. */
  RequestOptions target(HttpMethod method, String path) {
    String host = base.getHost();
    boolean tls = base.getScheme().equals("https");
    RequestOptions target =
        new RequestOptions()
            .setMethod(method)
            .setHost(host.startsWith("[") ? host.substring(1, host.length() - 1) : host)
            .setPort(base.getPort() > 0 ? base.getPort() : tls ? 443 : 80)
            .setSsl(tls)
            .setURI(base.getRawPath() + path);
    MultiMap all = HttpHeaders.headers().setAll(headers);
    if (HttpMethod.POST.equals(method)) {
      all.set(HttpHeaders.CONTENT_TYPE, "application/json");
    }
    return target.setHeaders(all);
  }

  /**
   * A request for a job, not sent yet. What is not streamed comes when the model has finished, so
   * it may take as long as the job may.
   */
  Exchange exchange(RequestOptions target, Job job, ResponseReader reader) {
    long first = options.firstTokenTimeoutMs();
    if (!job.stream() && job.timeoutMs() > 0) {
      first = job.timeoutMs();
    }
    return new Exchange(this, target, job.requestId(), reader, first, options.idleTimeoutMs());
  }

  /** Makes the request's body, off the event loop where that takes long, and sends it. */
  void send(Exchange exchange, Job job, Callable<byte[]> body) {
    if (job.body().length > LARGE) {
      vertx
          .executeBlocking(body, false)
          .onSuccess(exchange::send)
          .onFailure(e -> exchange.refuse(Fault.from(e)));
      return;
    }
    try {
      exchange.send(body.call());
    } catch (Exception e) {
      later(() -> exchange.refuse(Fault.from(e)));
    }
  }

  /**
   * Asks for something small.
   *
   * @return empty when the server does not have it (404, 405, 501); fails with a {@link
   *     io.muster.bus.FaultException}
   */
  Future<byte[]> look(RequestOptions target, byte[] body) {
    Promise<byte[]> promise = Promise.promise();
    long limit = Math.min(LONGEST_LOOK_MS, options.firstTokenTimeoutMs());
    WholeReader reader = new WholeReader(options.maxAnswerBytes(), promise);
    new Exchange(this, target, null, reader, limit, limit).send(body);
    return promise.future();
  }

  ClientOptions options() {
    return options;
  }

  ProviderFaults faults() {
    return faults;
  }

  CallWatch watch() {
    return watch;
  }

  HttpClient http() {
    return http;
  }

  Vertx vertx() {
    return vertx;
  }

  /** Runs it on the event loop, after what runs now. */
  void later(Runnable task) {
    vertx.runOnContext(v -> task.run());
  }

  Future<Void> close() {
    watch.close();
    return http.close();
  }

  /** For what fails only because its connection is gone, which the reader hears by other ways. */
  static void ignore(Throwable cause) {
    log.trace("after the end of an exchange", cause);
  }

  private static URI base(String url) {
    String text = url.strip();
    while (text.endsWith("/")) {
      text = text.substring(0, text.length() - 1);
    }
    URI uri = URI.create(text);
    String scheme = uri.getScheme();
    if (uri.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
      throw new IllegalArgumentException(
          "a model server's address begins with http:// or https://, this one does not: "
              + shown(uri));
    }
    return uri;
  }

  /** The URL without a password in it. */
  private static String shown(URI uri) {
    String text = uri.toString();
    String user = uri.getRawUserInfo();
    return user == null ? text : text.replace(user + "@", "");
  }
}
