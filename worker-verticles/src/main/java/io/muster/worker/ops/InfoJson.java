package io.muster.worker.ops;

import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.muster.runtime.metric.Latencies;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.ops.SampleJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** What a worker is and does, as JSON. Times are milliseconds since 1970. */
final class InfoJson {
  private InfoJson() {}

  /**
   * @param settings the effective ones, secrets masked
   */
  static JsonObject of(WorkerView worker, WorkerMetrics metrics, JsonObject settings) {
    NodeInfo info = worker.status().info();
    return new JsonObject()
        .put("name", info.name())
        .put("id", info.id())
        .put("type", info.type() == null ? null : info.type().name().toLowerCase(Locale.ROOT))
        .put("location", info.location())
        .put("version", worker.build().version())
        .put("commit", worker.build().commit())
        .put("started_at", worker.startedAt())
        .put("uptime_ms", worker.uptimeMs())
        .put("endpoint", info.endpoint())
        .put("draining", worker.status().draining())
        .put("max_concurrent_tasks", info.maxConcurrent())
        .put("capabilities", new JsonArray(info.capabilities()))
        .put("tools", new JsonArray(info.toolNames()))
        .put("models", models(info))
        .put("providers", providers(worker.status()))
        .put("hubs", hubs(worker.status()))
        .put("features", worker.status().features())
        .put("jobs", jobs(metrics))
        .put("system", SampleJson.of(worker.sample().get()))
        .put("java", BuildInfo.java())
        .put("os", BuildInfo.os())
        .put("settings", settings);
  }

  private static JsonArray models(NodeInfo info) {
    JsonArray models = new JsonArray();
    for (ModelInfo model : info.models()) {
      models.add(
          new JsonObject()
              .put("id", model.id())
              .put("provider", model.provider())
              .put("owned_by", model.ownedBy())
              .put("context_tokens", model.contextTokens() > 0 ? model.contextTokens() : null));
    }
    return models;
  }

  private static JsonArray providers(WorkerStatus status) {
    JsonArray providers = new JsonArray();
    for (WorkerStatus.ProviderSeen provider : status.providers()) {
      providers.add(
          new JsonObject()
              .put("name", provider.name())
              .put("models", provider.models())
              .put("reachable", provider.reachable())
              .put("reason", provider.trouble()));
    }
    return providers;
  }

  private static JsonArray hubs(WorkerStatus status) {
    JsonArray hubs = new JsonArray();
    for (WorkerStatus.HubSeen hub : status.hubs()) {
      hubs.add(
          new JsonObject()
              .put("id", hub.id())
              .put("version", hub.version())
              .put("since", hub.since()));
    }
    return hubs;
  }

  private static JsonObject jobs(WorkerMetrics metrics) {
    NodeStats stats = metrics.stats();
    WorkerMetrics.Recent recent = metrics.recent();
    Latencies.Summary times = recent.responseTime();
    return new JsonObject()
        .put("active", stats.active())
        .put("completed", stats.completed())
        .put("failed", stats.failed())
        .put("cancelled", stats.cancelled())
        .put("average_response_ms", rounded(stats.averageResponseMs()))
        .put("error_rate", rounded(recent.errorRate()))
        .put(
            "latency_ms",
            new JsonObject()
                .put("p50", rounded(times.p50()))
                .put("p95", rounded(times.p95()))
                .put("p99", rounded(times.p99()))
                .put("max", rounded(times.max()))
                .put("count", times.count())
                .put("window_s", Latencies.Summary.WINDOW_SECONDS));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
