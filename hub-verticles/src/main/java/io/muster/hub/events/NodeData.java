package io.muster.hub.events;

import io.muster.hub.fleet.NodeView;
import io.muster.metric.Alarm;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A node as events carry it: the reference's {@code NodeInfo}, without a companion's prompt. */
final class NodeData {
  private NodeData() {}

  static Map<String, Object> of(NodeView node) {
    NodeInfo info = node.info();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("id", info.id());
    data.put("name", info.name());
    data.put("type", info.type() == null ? null : info.type().name().toLowerCase(Locale.ROOT));
    data.put("version", info.version());
    data.put("status", node.state().label());
    data.put("registeredAt", node.registeredAt());
    data.put("lastHeartbeat", node.lastHeartbeat());
    data.put("lastSeen", node.lastHeartbeat());
    data.put("capabilities", info.capabilities());
    data.put("tools", info.toolNames());
    if (info.personality() != null && info.personality().get("name") instanceof String name) {
      data.put("personality", Map.of("name", name));
    }
    data.put("endpoint", info.endpoint());
    if (info.ips() != null) {
      Map<String, Object> ips = new LinkedHashMap<>();
      ips.put("localIPs", info.ips().localIPs());
      ips.put("publicIP", info.ips().publicIP());
      data.put("ips", ips);
    }
    data.put("config", config(info));
    data.put("stats", stats(node.stats() == null ? NodeStats.NONE : node.stats()));
    return data;
  }

  /** What is wrong with a node's machine. */
  static Map<String, Object> degraded(NodeView node, long now) {
    List<Object> alarms = new ArrayList<>();
    for (Alarm alarm : node.alarms()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("metric", alarm.metric());
      each.put("of", alarm.of());
      each.put("value", alarm.value());
      each.put("limit", alarm.limit());
      each.put("since", alarm.since());
      alarms.add(each);
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", node.info().id());
    data.put("alarms", alarms);
    data.put("timestamp", now);
    data.put("reason", node.alarms().stream().map(Alarm::text).collect(Collectors.joining("; ")));
    return data;
  }

  /** What two hubs' events about the same alarms have in common. */
  static Set<String> alarmKeys(Map<String, Object> data) {
    Set<String> keys = new TreeSet<>();
    if (data.get("alarms") instanceof Iterable<?> alarms) {
      for (Object each : alarms) {
        if (each instanceof Map<?, ?> alarm) {
          keys.add(alarm.get("metric") + " " + alarm.get("of"));
        }
      }
    }
    return keys;
  }

  private static Map<String, Object> config(NodeInfo info) {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("maxConcurrentTasks", info.maxConcurrent());
    if (info.resources() != null) {
      Map<String, Object> resources = new LinkedHashMap<>();
      resources.put("cpu", info.resources().cpu());
      resources.put("memory", info.resources().memory());
      resources.put("disk", info.resources().disk());
      config.put("resources", resources);
    }
    config.put("metadata", info.metadata());
    return config;
  }

  private static Map<String, Object> stats(NodeStats stats) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("totalTasks", stats.total());
    data.put("completedTasks", stats.completed());
    data.put("failedTasks", stats.failed());
    data.put("averageResponseTime", stats.averageResponseMs());
    return data;
  }
}
