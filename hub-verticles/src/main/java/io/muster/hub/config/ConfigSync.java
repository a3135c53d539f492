package io.muster.hub.config;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.config.ConfigStore.Rejection;
import io.muster.hub.config.ConfigStore.Stored;
import io.muster.hub.config.ConfigVersion.Target;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.node.NodeAnswer.ConfigOutcome;
import io.muster.node.NodeCommand.ApplyConfig;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that nodes have the settings they should: sends them when they change and whenever a
 * node comes, again where none acknowledged, and the former ones where a node rejects them. Used on
 * the hub's event loop.
 *
 * <pre>
 *   PENDING ──acknowledged──▶ IN_SYNC ──changed, or node restarted──▶ PENDING
 *      └──rejected──▶ REJECTED (the version; the one before is sent) ──changed──▶ PENDING
 * </pre>
 */
public final class ConfigSync {
  private static final Logger log = LoggerFactory.getLogger(ConfigSync.class);

  private final ConfigStore store;
  private final FleetView fleet;
  private final NodeTags tags;
  private final NodeOrders orders;
  private final Events events;
  private final Clock clock;
  private Stored now = Stored.NOTHING;

  /** Nodes that came, and have not said since that they have what they should. */
  private final Set<String> unconfirmed = new HashSet<>();

  private final Set<String> sending = new HashSet<>();

  ConfigSync(
      ConfigStore store,
      FleetView fleet,
      NodeTags tags,
      NodeOrders orders,
      Events events,
      Clock clock) {
    this.store = store;
    this.fleet = fleet;
    this.tags = tags;
    this.orders = orders;
    this.events = events;
    this.clock = clock;
  }

  /** How a node is with what it should have. */
  enum Standing {
    IN_SYNC,
    PENDING,
    REJECTED
  }

  /**
   * A node, what it should have, and what it has.
   *
   * @param wanted the version that should hold, rejected or not
   * @param effective what it is sent: without what it rejected
   * @param applied what it said last that it has
   * @param reason why it rejected the wanted one, null where it has not
   */
  record NodeStanding(
      String nodeId,
      boolean up,
      Standing standing,
      long wanted,
      Effective effective,
      Effective applied,
      String reason) {}

  /** Reads the database again. */
  Future<Void> load() {
    return store.load().onSuccess(loaded -> now = loaded).mapEmpty();
  }

  /** The versions that count, by target. */
  List<ConfigVersion> current() {
    return now.versions().stream()
        .collect(
            Collectors.toMap(
                ConfigVersion::target, v -> v, (a, b) -> a.version() > b.version() ? a : b))
        .values()
        .stream()
        .sorted((a, b) -> Long.compare(a.version(), b.version()))
        .toList();
  }

  /** All nodes, or those that a target means. */
  List<NodeStanding> standings(Target target) {
    List<NodeStanding> standings = new ArrayList<>();
    for (NodeView node : fleet.nodes()) {
      String id = node.info().id();
      if (Effective.isFor(target, id, tags.of(id))) {
        standings.add(standing(id, node.isUp()));
      }
    }
    return standings;
  }

  /** Sets values for a target, and sends them to its nodes that are there. */
  Future<ConfigVersion> put(Target target, Map<String, String> values, String by) {
    return store
        .add(target, values, by, clock.millis())
        .compose(version -> load().map(version))
        .compose(
            version -> {
              events.emit(
                  "config_changed",
                  Map.of(
                      "version",
                      version.version(),
                      "target",
                      target.kind() + ":" + target.name(),
                      "by",
                      by));
              return sendAll(standings(target)).map(version);
            });
  }

  /** A node has come, perhaps as a new process that has nothing yet. */
  public void online(String nodeId) {
    unconfirmed.add(nodeId);
    send(nodeId);
  }

  /** Sends what is not acknowledged: after tags changed, and once in a while. */
  Future<Void> catchUp() {
    return load()
        .compose(
            v ->
                sendAll(
                    standings(Target.ALL).stream()
                        .filter(node -> node.up() && !isSettled(node))
                        .toList()));
  }

  private boolean isSettled(NodeStanding node) {
    return !unconfirmed.contains(node.nodeId()) && node.effective().equals(node.applied());
  }

  private Future<Void> sendAll(List<NodeStanding> nodes) {
    List<Future<Void>> sent = new ArrayList<>();
    nodes.stream().filter(NodeStanding::up).forEach(node -> sent.add(send(node.nodeId())));
    return Future.join(sent).otherwiseEmpty().mapEmpty();
  }

  private NodeStanding standing(String id, boolean up) {
    Map<Long, Rejection> rejections = now.rejected().getOrDefault(id, Map.of());
    Effective wanted = Effective.of(now.versions(), id, tags.of(id), Set.of());
    Effective effective =
        rejections.isEmpty()
            ? wanted
            : Effective.of(now.versions(), id, tags.of(id), rejections.keySet());
    Effective applied = now.applied().getOrDefault(id, Effective.NOTHING);
    boolean settled = effective.equals(applied) && !unconfirmed.contains(id);
    Rejection why = effective.equals(wanted) ? null : rejections.get(wanted.version());
    Standing standing =
        why != null ? Standing.REJECTED : settled ? Standing.IN_SYNC : Standing.PENDING;
    return new NodeStanding(
        id, up, standing, wanted.version(), effective, applied, why == null ? null : why.reason());
  }

  /** Always succeeds: what did not arrive is sent again. */
  private Future<Void> send(String id) {
    NodeStanding node = standing(id, true);
    Effective wanted = node.effective();
    if (wanted.version() == 0 && node.applied().version() == 0) {
      unconfirmed.remove(id);
      return Future.succeededFuture();
    }
    if (!sending.add(id)) {
      return Future.succeededFuture(); // Whoever sends now looks again after it.
    }
    return orders
        .<ConfigOutcome>ask(id, new ApplyConfig(wanted.version(), wanted.values()))
        .onComplete(done -> sending.remove(id))
        .compose(
            outcome ->
                outcome.refusal() == null
                    ? acknowledged(node, wanted)
                    : rejected(id, wanted, outcome.refusal()))
        .recover(
            cause -> {
              log.debug(
                  "node {} has not taken up {}: {}", id, wanted.version(), cause.getMessage());
              return Future.succeededFuture();
            });
  }

  private Future<Void> acknowledged(NodeStanding node, Effective what) {
    String id = node.nodeId();
    unconfirmed.remove(id);
    Future<Void> stored =
        what.equals(node.applied())
            ? Future.succeededFuture()
            : store
                .applied(id, what, clock.millis())
                .compose(v -> load())
                .onSuccess(
                    v ->
                        events.emit(
                            "config_acknowledged",
                            Map.of("nodeId", id, "version", what.version())));
    return stored.compose(
        // Something else may have been set while this was on its way.
        v -> standing(id, true).effective().equals(what) ? Future.succeededFuture() : send(id));
  }

  private Future<Void> rejected(String id, Effective what, String reason) {
    if (what.version() == 0) {
      return Future.failedFuture(
          Fault.of(Failure.INTERNAL, "it rejects having no settings: " + reason).asException());
    }
    log.warn("node {} rejects configuration {}: {}", id, what.version(), reason);
    events.emit(
        "config_rejected", Map.of("nodeId", id, "version", what.version(), "reason", reason));
    return store
        .rejected(id, what.version(), new Rejection(reason, clock.millis()))
        .compose(v -> load())
        .compose(v -> send(id));
  }
}
