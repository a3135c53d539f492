package io.muster.worker.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.runtime.health.Health;
import io.muster.runtime.health.HealthReport;
import io.muster.runtime.metric.MetricsText;
import io.muster.runtime.metric.ProcessMeters;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.JsonAnswer;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/**
 * What operators ask a worker over HTTP. Health is for everybody; the rest for those whom {@link
 * Access} lets in.
 */
public final class OpsVerticle extends VerticleBase {
  private final String host;
  private final int port;
  private final HttpLimits limits;
  private final WorkerView worker;
  private final PrometheusMeterRegistry registry;
  private final WorkerMetrics metrics;
  private final Supplier<JsonObject> settings;
  private final Access readers;
  private HttpServer server;
  private ProcessMeters process;
  private Health overall;

  /**
   * @param port 0 for any that is free
   * @param settings the effective settings, secrets masked
   * @param readers who may read information and metrics
   */
  public OpsVerticle(
      String host,
      int port,
      HttpLimits limits,
      WorkerView worker,
      PrometheusMeterRegistry registry,
      WorkerMetrics metrics,
      Supplier<JsonObject> settings,
      Access readers) {
    this.host = host;
    this.port = port;
    this.limits = limits;
    this.worker = worker;
    this.registry = registry;
    this.metrics = metrics;
    this.settings = settings;
    this.readers = readers;
  }

  @Override
  public Future<?> start() {
    WorkerHealth health = new WorkerHealth(vertx, worker);
    overall = health.overall();
    Health ready = health.ready();
    Health live = health.live();
    MetricsText text = new MetricsText(vertx, registry);
    ConnectionGuard guard = new ConnectionGuard(vertx, limits);
    process = new ProcessMeters(registry, worker.build(), worker.sample(), worker.lag());
    Gauge.builder("muster.http.connections", guard::open)
        .description("Connections of HTTP clients")
        .register(registry);

    Router router = Router.router(vertx);
    router.route().handler(guard::began);
    router.route().handler(OpsVerticle::withoutBody);
    route(router, "/health/live", request -> probe(live, request));
    router.route().handler(this::onceKnown);
    route(router, "/health", this::health);
    route(router, "/health/ready", request -> probe(ready, request));
    route(router, "/info", reading(this::info));
    route(
        router,
        "/metrics",
        reading(
            request -> {
              metrics.refresh();
              text.send(request);
            }));
    router.errorHandler(404, context -> failed(context, "not_found", "There is nothing here."));
    router.errorHandler(405, context -> failed(context, "method_not_allowed", "Use GET."));

    server =
        vertx.createHttpServer(options()).connectionHandler(guard::opened).requestHandler(router);
    return server.listen();
  }

  @Override
  public Future<?> stop() throws Exception {
    if (process != null) {
      process.close();
    }
    return super.stop();
  }

  /** Everything that {@code /health} tells, looked at now; once it is deployed. */
  public Future<HealthReport> health() {
    return overall.report();
  }

  /** The port it listens on, once it is deployed. */
  public int actualPort() {
    return server.actualPort();
  }

  private HttpServerOptions options() {
    int seconds = (int) Math.max(1, limits.requestTimeout().toSeconds());
    return new HttpServerOptions()
        .setHost(host)
        .setPort(port)
        .setTcpNoDelay(true)
        .setIdleTimeout(2 * seconds)
        .setMaxHeaderSize(limits.maxHeaderBytes())
        .setMaxInitialLineLength(4096)
        .setHttp2ClearTextEnabled(false)
        // CVE-2026-102467: a small frame that grows without bound when it is decompressed.
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false);
  }

  private static void route(Router router, String path, Handler<HttpServerRequest> handler) {
    router
        .route(path)
        .method(HttpMethod.GET)
        .method(HttpMethod.HEAD)
        .handler(context -> handler.handle(context.request()));
  }

  /** It listens before it knows its own name. */
  private void onceKnown(RoutingContext context) {
    if (worker.status().isKnown()) {
      context.next();
    } else {
      context.response().putHeader("retry-after", "1");
      JsonAnswer.error(context.request(), 503, "starting", "The worker starts: ask again soon.");
    }
  }

  /** Nothing here reads a body: who sends one is not listened to any longer. */
  private static void withoutBody(RoutingContext context) {
    HttpServerRequest request = context.request();
    String length = request.getHeader("content-length");
    if (request.headers().contains("transfer-encoding")
        || (length != null && !length.equals("0"))) {
      request.response().putHeader("connection", "close");
      context.addEndHandler(ended -> request.connection().close());
      JsonAnswer.error(request, 413, "body_not_expected", "No body is expected here.");
    } else {
      context.next();
    }
  }

  private Handler<HttpServerRequest> reading(Handler<HttpServerRequest> handler) {
    return request -> {
      if (readers.allows(request)) {
        handler.handle(request);
      } else {
        JsonAnswer.unauthorized(
            request,
            "This is for the machine itself, or with Authorization: Bearer and METRICS_TOKEN;"
                + " METRICS_PUBLIC=true opens it to all.");
      }
    };
  }

  private void health(HttpServerRequest request) {
    health()
        .onSuccess(
            report ->
                JsonAnswer.send(
                    request,
                    report.httpStatus(),
                    report
                        .toJson()
                        .put("id", worker.status().info().id())
                        .put("version", worker.build().version())
                        .put("uptime_ms", worker.uptimeMs())));
  }

  private static void probe(Health health, HttpServerRequest request) {
    health
        .report()
        .onSuccess(report -> JsonAnswer.send(request, report.httpStatus(), report.toProbeJson()));
  }

  private void info(HttpServerRequest request) {
    JsonAnswer.send(request, 200, InfoJson.of(worker, metrics, settings.get()));
  }

  private static void failed(RoutingContext context, String code, String message) {
    JsonAnswer.error(context.request(), context.statusCode(), code, message);
  }
}
