package io.muster.hub.ops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.metrics.HubMetrics;
import io.muster.runtime.health.Health;
import io.muster.runtime.metric.MetricsText;
import io.muster.runtime.metric.ProcessMeters;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.ops.JsonAnswer;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Supplier;

/**
 * What operators ask a hub: its health, what it is, what it counts, and who is in its fleet. Health
 * is for everybody; the rest for those whom {@link Access} lets in.
 */
public final class OpsApi {
  private final HubView hub;
  private final HubMetrics metrics;
  private final MetricsText text;
  private final MetricsJson json;
  private final Health health;
  private final Health ready;
  private final Health live;
  private final Supplier<JsonObject> settings;
  private final Access api;
  private final Access readers;

  /** Kept, since the registry refers to it weakly. */
  private final ProcessMeters process;

  /** Expected workers that are not there, as of the last time that the metrics were asked for. */
  private int absent;

  /**
   * @param settings the effective settings, secrets masked
   * @param api who may see the fleet and the settings
   * @param readers who may read the metrics
   */
  public OpsApi(
      Vertx vertx,
      HubView hub,
      HubHealth health,
      PrometheusMeterRegistry registry,
      HubMetrics metrics,
      Supplier<JsonObject> settings,
      Access api,
      Access readers) {
    this.hub = hub;
    this.metrics = metrics;
    this.text = new MetricsText(vertx, registry);
    this.json = new MetricsJson(hub, metrics);
    this.health = health.overall();
    this.ready = health.ready();
    this.live = health.live();
    this.settings = settings;
    this.api = api;
    this.readers = readers;
    this.process = new ProcessMeters(registry, hub.build(), hub.sample(), hub.lag());
    Gauge.builder("muster.workers.missing", () -> absent)
        .description("Workers that WORKERS names and that are not there")
        .register(registry);
  }

  /** Adds all routes. */
  public void routes(Router router) {
    route(router, "/health", context -> health(context.request()));
    route(router, "/health/live", context -> probe(live, context.request()));
    route(router, "/health/ready", context -> probe(ready, context.request()));
    route(router, "/metrics", reading(this::metrics));
    route(router, "/api/metrics", reading(this::metricsJson));
    route(router, "/info", inside(this::info));
    route(router, "/api/workers", inside(this::workers));
    route(router, "/api/workers/:id", inside(this::worker));
  }

  /** Stops what the meters of the process listen to. */
  public void close() {
    process.close();
  }

  private static void route(Router router, String path, Handler<RoutingContext> handler) {
    router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
  }

  private Handler<RoutingContext> reading(Handler<RoutingContext> handler) {
    return allowed(
        readers,
        handler,
        "Metrics are for this machine, or with Authorization: Bearer and METRICS_TOKEN or one of"
            + " API_KEYS; METRICS_PUBLIC=true opens them to all.");
  }

  private Handler<RoutingContext> inside(Handler<RoutingContext> handler) {
    return allowed(api, handler, "An API key is needed: Authorization: Bearer, one of API_KEYS.");
  }

  private static Handler<RoutingContext> allowed(
      Access access, Handler<RoutingContext> handler, String otherwise) {
    return context -> {
      if (access.allows(context.request())) {
        handler.handle(context);
      } else {
        JsonAnswer.unauthorized(context.request(), otherwise);
      }
    };
  }

  private void health(HttpServerRequest request) {
    health
        .report()
        .onSuccess(
            report -> {
              JsonObject body =
                  report
                      .toJson()
                      .put("id", hub.id())
                      .put("version", hub.build().version())
                      .put("uptime_ms", hub.uptimeMs());
              JsonAnswer.send(request, report.httpStatus(), body);
            });
  }

  private static void probe(Health health, HttpServerRequest request) {
    health
        .report()
        .onSuccess(report -> JsonAnswer.send(request, report.httpStatus(), report.toProbeJson()));
  }

  private void info(RoutingContext context) {
    JsonObject body =
        new JsonObject()
            .put("name", "muster-hub")
            .put("version", hub.build().version())
            .put("commit", hub.build().commit())
            .put("hub_id", hub.id())
            .put("started_at", hub.startedAt())
            .put("uptime_ms", hub.uptimeMs())
            .put("java", BuildInfo.java())
            .put("os", BuildInfo.os())
            .put("settings", settings.get());
    JsonAnswer.send(context.request(), 200, body);
  }

  private void metricsJson(RoutingContext context) {
    JsonAnswer.send(context.request(), 200, json.whole());
  }

  private void metrics(RoutingContext context) {
    metrics.refresh();
    absent = hub.expected().absent();
    text.send(context.request());
  }

  private void workers(RoutingContext context) {
    long now = hub.now();
    JsonArray workers = new JsonArray();
    int online = 0;
    for (NodeView node : hub.fleet().nodes()) {
      workers.add(NodeJson.of(node, hub.expected().names(node), now));
      online += node.isUp() ? 1 : 0;
    }
    for (ExpectedWorker worker : hub.expected().missing()) {
      workers.add(NodeJson.of(worker));
    }
    JsonAnswer.send(
        context.request(),
        200,
        new JsonObject()
            .put("workers", workers)
            .put("total", workers.size())
            .put("online", online));
  }

  private void worker(RoutingContext context) {
    HttpServerRequest request = context.request();
    String id = context.pathParam("id");
    JsonObject found =
        hub.fleet()
            .node(id)
            .map(node -> NodeJson.of(node, hub.expected().names(node), hub.now()))
            .or(
                () ->
                    hub.expected().missing().stream()
                        .map(NodeJson::of)
                        .filter(missed -> id.equals(missed.getString("id")))
                        .findFirst())
            .orElse(null);
    if (found == null) {
      JsonAnswer.error(request, 404, "worker_not_found", "The fleet knows no worker " + id + ".");
    } else {
      JsonAnswer.send(request, 200, found);
    }
  }
}
