package io.muster.hub.events;

import io.muster.event.ClusterEvent;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.fleet.StateCause;
import io.muster.metric.Alarm;
import io.muster.node.NodeState;
import java.time.Clock;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * Tells what becomes of nodes, once for the whole fleet although every hub sees it: the hub that
 * joined first tells. The others remember for a moment what they would have told and have not heard
 * told; when the teller dies, the next one in line tells that first.
 *
 * <p>Used on the hub's event loop.
 */
final class NodeTeller {
  /** Longer than it takes until the death of a hub is noticed everywhere. */
  static final long MEMORY_MS = 15_000;

  private final FleetView fleet;
  private final BooleanSupplier teller;
  private final BiConsumer<String, Map<String, Object>> emit;
  private final Clock clock;
  private final long startedAt;
  private final Map<String, Seen> seen = new HashMap<>();
  private final Map<String, Untold> untold = new LinkedHashMap<>();
  private final Map<String, Long> heard = new LinkedHashMap<>();

  /** A node as it was when it was last looked at. */
  private record Seen(String instance, NodeState state, boolean unregistered, Set<String> alarms) {
    static Seen of(NodeView node) {
      return new Seen(
          node.info().instance(),
          node.state(),
          node.state() == NodeState.OFFLINE && node.cause() instanceof StateCause.Unregistered,
          node.alarms().stream().map(Alarm::key).collect(Collectors.toUnmodifiableSet()));
    }
  }

  /** What another hub should tell. */
  private record Untold(String type, Map<String, Object> data, long since) {}

  /**
   * @param teller whether it is this hub that tells, as things are now
   */
  NodeTeller(
      FleetView fleet,
      BooleanSupplier teller,
      BiConsumer<String, Map<String, Object>> emit,
      Clock clock) {
    this.fleet = fleet;
    this.teller = teller;
    this.emit = emit;
    this.clock = clock;
    this.startedAt = clock.millis();
  }

  /** Looks at all nodes; called several times a second, so that being busy for a moment is none. */
  void look() {
    for (NodeView node : fleet.nodes()) {
      look(node);
    }
    if (seen.size() > fleet.nodes().size()) {
      // Removed by an administrator, which was told there and then.
      seen.keySet()
          .retainAll(
              fleet.nodes().stream()
                  .map(node -> node.info().id())
                  .collect(Collectors.toUnmodifiableSet()));
    }
    forget();
  }

  /** Looks at one node, of which something has just changed. */
  void look(String nodeId) {
    fleet.node(nodeId).ifPresent(this::look);
  }

  private void look(NodeView node) {
    String id = node.info().id();
    Seen now = Seen.of(node);
    Seen before = seen.put(id, now);
    if (now.equals(before)) {
      return;
    }
    if (before == null) {
      if (now.state() != NodeState.OFFLINE) {
        tell(EventTypes.NODE_REGISTERED, registered(node));
      }
      alarms(node, Set.of(), now.alarms());
      return;
    }
    if (!now.instance().equals(before.instance()) && now.state() != NodeState.OFFLINE) {
      tell(EventTypes.NODE_REGISTERED, registered(node));
    }
    if (now.state() != before.state()) {
      Map<String, Object> data = new LinkedHashMap<>();
      data.put("nodeId", id);
      data.put("oldStatus", before.state().label());
      data.put("newStatus", now.state().label());
      data.put("timestamp", clock.millis());
      data.put("reason", node.reason(clock.millis()));
      tell(EventTypes.NODE_STATUS_CHANGED, data);
    }
    alarms(node, before.alarms(), now.alarms());
    if (now.unregistered() && !before.unregistered()) {
      tell(EventTypes.NODE_UNREGISTERED, bare(id));
    }
  }

  private void alarms(NodeView node, Set<String> before, Set<String> now) {
    if (!before.containsAll(now)) {
      tell(EventTypes.NODE_DEGRADED, NodeData.degraded(node, clock.millis()));
    } else if (now.isEmpty() && !before.isEmpty() && node.isUp()) {
      // A node that went away has not recovered.
      tell(EventTypes.NODE_RECOVERED, bare(node.info().id()));
    }
  }

  private Map<String, Object> registered(NodeView node) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("node", NodeData.of(node));
    data.put("timestamp", clock.millis());
    return data;
  }

  private Map<String, Object> bare(String nodeId) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    data.put("timestamp", clock.millis());
    return data;
  }

  private void tell(String type, Map<String, Object> data) {
    long now = clock.millis();
    if (teller.getAsBoolean()) {
      emit.accept(type, data);
      return;
    }
    String key = key(type, data);
    if (heard.remove(key) == null && now - startedAt > MEMORY_MS) {
      // A hub that is young learns what others have long told.
      untold.put(key, new Untold(type, data, now));
    }
  }

  /** Another hub has told something. */
  void heard(ClusterEvent event) {
    String key = key(event.type(), event.data());
    if (key != null && untold.remove(key) == null) {
      heard.put(key, clock.millis());
    }
  }

  /** A hub is gone: tells what it has left untold, if it is this one's turn now. */
  void hubGone() {
    forget();
    if (teller.getAsBoolean()) {
      untold.values().forEach(each -> emit.accept(each.type(), each.data()));
      untold.clear();
    }
  }

  private void forget() {
    long oldest = clock.millis() - MEMORY_MS;
    untold.values().removeIf(each -> each.since() < oldest);
    heard.values().removeIf(at -> at < oldest);
  }

  /** What two hubs' events about the same thing have in common; null for what is not told here. */
  private static String key(String type, Map<String, Object> data) {
    return switch (type) {
      case EventTypes.NODE_REGISTERED ->
          data.get("node") instanceof Map<?, ?> node ? type + " " + node.get("id") : null;
      case EventTypes.NODE_UNREGISTERED, EventTypes.NODE_RECOVERED ->
          type + " " + data.get("nodeId");
      case EventTypes.NODE_DEGRADED ->
          type + " " + data.get("nodeId") + " " + NodeData.alarmKeys(data);
      case EventTypes.NODE_STATUS_CHANGED ->
          type + " " + data.get("nodeId") + " " + data.get("newStatus");
      default -> null;
    };
  }
}
