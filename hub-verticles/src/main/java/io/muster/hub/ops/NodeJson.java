package io.muster.hub.ops;

import io.muster.hub.fleet.NodeView;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import io.muster.runtime.ops.SampleJson;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A node as JSON, for {@code /api/workers}: all that it says of itself, and how this hub sees it.
 * Times are milliseconds since 1970, what is not known is null.
 */
final class NodeJson {
  private NodeJson() {}

  /**
   * @param expected whether WORKERS names it
   * @param now milliseconds since 1970
   */
  static JsonObject of(NodeView node, boolean expected, long now) {
    NodeInfo info = node.info();
    return new JsonObject()
        .put("id", info.id())
        .put("name", info.name())
        .put("type", info.type() == null ? null : lower(info.type()))
        .put("version", info.version())
        .put("status", node.state().label())
        .put("status_since", known(node.stateSince()))
        .put("status_reason", node.reason(now))
        .put("draining", node.draining())
        .put("ejected", ejection(node.ejection()))
        .put("expected", expected)
        .put("active", node.active())
        .put("location", info.location())
        .put("endpoint", info.endpoint())
        .put("ips", ips(info.ips()))
        .put("registered_at", known(node.registeredAt()))
        .put("started_at", known(info.startedAt()))
        .put("last_heartbeat", known(node.lastHeartbeat()))
        .put("capabilities", new JsonArray(info.capabilities()))
        .put("tools", new JsonArray(info.toolNames()))
        .put("personality", info.personality() == null ? null : new JsonObject(info.personality()))
        .put("models", models(info))
        .put("config", config(info))
        .put("stats", stats(node.stats()))
        .put("system", SampleJson.of(node.sample()));
  }

  /** A worker that should be there and is not on the bus: the same members, as far as known. */
  static JsonObject of(ExpectedWorker worker) {
    String id = worker.id();
    return new JsonObject()
        .put("id", id)
        .put("name", id)
        .put("type", "worker")
        .putNull("version")
        .put("status", NodeState.UNKNOWN.label())
        .put("status_since", worker.since())
        .put("status_reason", worker.reason())
        .put("draining", false)
        .putNull("ejected")
        .put("expected", true)
        .put("active", 0)
        .putNull("location")
        .put("endpoint", worker.url())
        .putNull("ips")
        .putNull("registered_at")
        .putNull("started_at")
        .putNull("last_heartbeat")
        .put("capabilities", new JsonArray())
        .put("tools", new JsonArray())
        .putNull("personality")
        .put("models", new JsonArray())
        .putNull("config")
        .put("stats", stats(NodeStats.NONE))
        .putNull("system");
  }

  private static JsonArray models(NodeInfo info) {
    JsonArray models = new JsonArray();
    for (ModelInfo model : info.models()) {
      models.add(
          new JsonObject()
              .put("id", model.id())
              .put("provider", model.provider())
              .put("owned_by", model.ownedBy())
              .put("created", known(model.created()))
              .put("context_tokens", known(model.contextTokens())));
    }
    return models;
  }

  private static JsonObject config(NodeInfo info) {
    NodeInfo.Resources has = info.resources();
    JsonObject metadata = new JsonObject();
    info.metadata().forEach(metadata::put);
    return new JsonObject()
        .put("max_concurrent_tasks", info.maxConcurrent())
        .put(
            "resources",
            has == null
                ? null
                : new JsonObject()
                    .put("cpu", has.cpu())
                    .put("memory_bytes", has.memory())
                    .put("disk_bytes", has.disk()))
        .put("metadata", metadata);
  }

  private static JsonObject stats(NodeStats given) {
    NodeStats stats = given == null ? NodeStats.NONE : given;
    return new JsonObject()
        .put("total", stats.total())
        .put("active", stats.active())
        .put("completed", stats.completed())
        .put("failed", stats.failed())
        .put("cancelled", stats.cancelled())
        .put("average_response_ms", Math.round(stats.averageResponseMs() * 100) / 100.0);
  }

  private static JsonObject ips(NodeInfo.Ips ips) {
    return ips == null
        ? null
        : new JsonObject()
            .put("local", new JsonArray(ips.localIPs()))
            .put("public", ips.publicIP());
  }

  private static JsonObject ejection(NodeView.Ejection ejection) {
    return ejection == null
        ? null
        : new JsonObject().put("failures", ejection.failures()).put("until", ejection.until());
  }

  private static Long known(long value) {
    return value > 0 ? value : null;
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
