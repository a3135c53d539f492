package io.muster.runtime.metric;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.runtime.ops.JsonAnswer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.HashMap;
import java.util.Map;

/**
 * What Prometheus reads. It is written on a worker thread, since thousands of series take
 * milliseconds, and once for all who ask at the same moment. Used on the event loop.
 */
public final class MetricsText {
  static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final Vertx vertx;
  private final PrometheusMeterRegistry registry;
  private final Map<String, Future<Buffer>> underWay = new HashMap<>();

  public MetricsText(Vertx vertx, PrometheusMeterRegistry registry) {
    this.vertx = vertx;
    this.registry = registry;
  }

  /** Answers in OpenMetrics where the client accepts it, else in the Prometheus format. */
  public void send(HttpServerRequest request) {
    String type = typeFor(request.getHeader("accept"));
    write(type)
        .onSuccess(text -> JsonAnswer.send(request, 200, type, text))
        .onFailure(
            cause ->
                JsonAnswer.error(request, 500, "metrics_failed", "the metrics cannot be written"));
  }

  private Future<Buffer> write(String type) {
    Future<Buffer> writing = underWay.get(type);
    if (writing == null) {
      Future<Buffer> begun =
          vertx.executeBlocking(() -> Buffer.buffer(registry.scrape(type)), false);
      underWay.put(type, begun);
      begun.onComplete(done -> underWay.remove(type, begun));
      writing = begun;
    }
    return writing;
  }

  static String typeFor(String accept) {
    return accept != null && accept.contains("application/openmetrics-text")
        ? OPEN_METRICS
        : PROMETHEUS;
  }
}
