package io.muster.hub.admin;

import io.muster.hub.admin.SteeringStore.Drain;
import io.muster.hub.fleet.NodeView;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Set;

/**
 * A node in the form that node managers' clients know: what is not known is left out, times are
 * milliseconds since 1970. What is Muster's own follows the known members.
 */
final class AdminNodeJson {
  private AdminNodeJson() {}

  /**
   * @param drain null unless an administrator drains it
   * @param now milliseconds since 1970
   */
  static JsonObject of(NodeView node, Set<String> tags, Drain drain, long now) {
    NodeInfo info = node.info();
    JsonObject json =
        new JsonObject()
            .put("id", info.id())
            .put("name", info.name())
            .put("type", info.type().name().toLowerCase(Locale.ROOT));
    put(json, "version", info.version());
    json.put("status", node.state().label())
        .put("registeredAt", node.registeredAt())
        .put("lastHeartbeat", node.lastHeartbeat())
        .put("lastSeen", node.lastHeartbeat())
        .put("capabilities", new JsonArray(info.capabilities()))
        .put("tools", new JsonArray(info.toolNames()));
    put(
        json,
        "personality",
        info.personality() == null ? null : new JsonObject(info.personality()));
    put(json, "endpoint", info.endpoint());
    put(json, "ips", ips(info.ips()));
    json.put("config", config(info)).put("stats", stats(node.stats()));
    put(json, "location", info.location());
    json.put("statusReason", node.reason(now))
        .put("activeTasks", node.active())
        .put("draining", node.draining());
    if (drain != null) {
      json.put("drainedBy", drain.by()).put("drainedAt", drain.at());
    }
    JsonArray models = new JsonArray();
    for (ModelInfo model : info.models()) {
      models.add(model.id());
    }
    return json.put("tags", new JsonArray(tags.stream().sorted().toList())).put("models", models);
  }

  /** What {@code /stats} tells. */
  static JsonObject statsOf(NodeView node, long now) {
    return stats(node.stats())
        .put("activeTasks", node.active())
        .put("uptime", node.isUp() ? Math.max(0, now - node.stateSince()) : 0)
        .put("lastHeartbeat", node.lastHeartbeat());
  }

  private static JsonObject stats(NodeStats given) {
    NodeStats stats = given == null ? NodeStats.NONE : given;
    return new JsonObject()
        .put("totalTasks", stats.total())
        .put("completedTasks", stats.completed())
        .put("failedTasks", stats.failed())
        .put("averageResponseTime", Math.round(stats.averageResponseMs() * 100) / 100.0);
  }

  private static JsonObject config(NodeInfo info) {
    JsonObject metadata = new JsonObject();
    info.metadata().forEach(metadata::put);
    JsonObject config = new JsonObject().put("maxConcurrentTasks", info.maxConcurrent());
    NodeInfo.Resources has = info.resources();
    if (has != null) {
      config.put(
          "resources",
          new JsonObject()
              .put("cpu", has.cpu())
              .put("memory", has.memory())
              .put("disk", has.disk()));
    }
    return config.put("metadata", metadata);
  }

  private static JsonObject ips(NodeInfo.Ips ips) {
    if (ips == null) {
      return null;
    }
    JsonObject json = new JsonObject().put("localIPs", new JsonArray(ips.localIPs()));
    put(json, "publicIP", ips.publicIP());
    return json;
  }

  private static void put(JsonObject json, String name, Object value) {
    if (value != null) {
      json.put(name, value);
    }
  }
}
