package io.muster.hub.ops;

import io.muster.bus.Failure;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.metrics.HubMetrics;
import io.muster.hub.metrics.NodeTotals;
import io.muster.hub.metrics.Totals;
import io.muster.metric.Sample;
import io.muster.runtime.metric.Latencies;
import io.muster.runtime.ops.SampleJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Map;

/**
 * The metrics for people and small scripts, at {@code /api/metrics}: {@code {"at","hub":{…},
 * "fleet":{…},"workers":[{…}]}}. Counts run since {@code since}, latencies over the last five
 * minutes, in milliseconds; times are milliseconds since 1970, sizes bytes.
 */
final class MetricsJson {
  private final HubView hub;
  private final HubMetrics metrics;

  MetricsJson(HubView hub, HubMetrics metrics) {
    this.hub = hub;
    this.metrics = metrics;
  }

  JsonObject whole() {
    JsonArray workers = new JsonArray();
    for (NodeView node : hub.fleet().nodes()) {
      workers.add(worker(node, metrics.totals(node.info().id()), hub.now()));
    }
    return new JsonObject()
        .put("at", hub.now())
        .put("hub", hub(metrics.totals()))
        .put("fleet", FleetJson.of(hub.fleet().nodes()))
        .put("workers", workers);
  }

  private JsonObject hub(Totals totals) {
    Sample last = hub.sample().get();
    return new JsonObject()
        .put("id", hub.id())
        .put("version", hub.build().version())
        .put("since", hub.startedAt())
        .put("uptime_ms", hub.uptimeMs())
        .put("requests", totals.requests())
        .put("completed", totals.completed())
        .put("errors", totals.errors())
        .put("cancelled", totals.cancelled())
        .put("retries", totals.retries())
        .put("in_flight", totals.inFlight())
        .put("queued", hub.fleet().queued())
        .put("streams", totals.streams())
        .put("failures", failures(totals.failures()))
        .put("latency_ms", latency(totals.latency()))
        .put("first_token_ms", latency(totals.firstToken()))
        .put("tokens", tokens(totals.promptTokens(), totals.completionTokens()))
        .put("http", http(totals))
        .put("process", process(last))
        .put("system", SampleJson.of(last));
  }

  private JsonObject process(Sample last) {
    JsonObject process = last == null ? new JsonObject() : SampleJson.process(last);
    Runtime java = Runtime.getRuntime();
    return process
        .put("heap_used_bytes", java.totalMemory() - java.freeMemory())
        .put("heap_max_bytes", java.maxMemory())
        .put("event_loop_lag_ms", hub.lag().worstNanos() / 1_000_000);
  }

  static JsonObject worker(NodeView node, NodeTotals totals, long now) {
    return new JsonObject()
        .put("id", node.info().id())
        .put("name", node.info().name())
        .put("status", node.state().label())
        .put("status_reason", node.reason(now))
        .put("since", totals.since() > 0 ? totals.since() : null)
        .put("requests", totals.requests())
        .put("completed", totals.completed())
        .put("errors", totals.errors())
        .put("retries", totals.retries())
        .put("cancelled", totals.cancelled())
        .put("active", node.active())
        .put("latency_ms", latency(totals.latency()))
        .put("first_token_ms", latency(totals.firstToken()))
        .put("tokens", tokens(totals.promptTokens(), totals.completionTokens()))
        .put("last_error", lastError(totals.lastError()))
        .put("system", SampleJson.of(node.sample()));
  }

  private static JsonObject latency(Latencies.Summary summary) {
    return new JsonObject()
        .put("p50", rounded(summary.p50()))
        .put("p95", rounded(summary.p95()))
        .put("p99", rounded(summary.p99()))
        .put("max", rounded(summary.max()))
        .put("count", summary.count())
        .put("window_s", Latencies.Summary.WINDOW_SECONDS);
  }

  private static double rounded(double ms) {
    return Math.round(ms * 1000) / 1000.0;
  }

  private static JsonObject tokens(long prompt, long completion) {
    return new JsonObject()
        .put("prompt", prompt)
        .put("completion", completion)
        .put("total", prompt + completion);
  }

  private static JsonObject failures(Map<Failure, Long> counts) {
    JsonObject failures = new JsonObject();
    counts.forEach(
        (failure, count) -> failures.put(failure.name().toLowerCase(Locale.ROOT), count));
    return failures;
  }

  private static JsonObject http(Totals totals) {
    JsonObject responses = new JsonObject();
    for (int digit = 1; digit <= 5; digit++) {
      responses.put(digit + "xx", totals.httpResponses()[digit]);
    }
    return new JsonObject().put("responses", responses).put("connections", totals.connections());
  }

  private static JsonObject lastError(NodeTotals.LastError error) {
    return error == null
        ? null
        : new JsonObject()
            .put("at", error.at())
            .put("kind", error.kind())
            .put("message", error.message());
  }
}
