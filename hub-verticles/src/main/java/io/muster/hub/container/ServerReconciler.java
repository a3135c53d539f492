package io.muster.hub.container;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Containers;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerMessage;
import io.muster.event.Events;
import io.muster.hub.container.ServerDecision.Sight;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that each model server runs on one node: places it, moves it when its node is away or
 * cannot run it, and has a node that comes back remove what is elsewhere by now. One hub does it;
 * where two think that they do, the generations in the database keep them apart.
 */
final class ServerReconciler {
  private static final Logger log = LoggerFactory.getLogger(ServerReconciler.class);
  private static final int GRACE_SECONDS = 10;

  private final Vertx vertx;
  private final ContainerOrders orders;
  private final ContainerStore store;
  private final BooleanSupplier first;
  private final Events events;
  private final Clock clock;
  private final long lookMs;
  private final long moveAfterMs;

  /** Since when, by this hub's clock; a hub that has just begun knows of no trouble yet. */
  private final Map<String, Long> awaySince = new HashMap<>();

  private final Map<String, Long> troubleSince = new HashMap<>();
  private final Map<String, String> reasons = new HashMap<>();
  private long timer = -1;
  private boolean looking;
  private boolean again;
  private boolean closed;

  /**
   * @param first whether it is this hub, of all, that does it
   * @param lookMs milliseconds between two looks
   * @param moveAfterMs milliseconds that a node may be away
   */
  ServerReconciler(
      Vertx vertx,
      ContainerOrders orders,
      ContainerStore store,
      BooleanSupplier first,
      Events events,
      Clock clock,
      long lookMs,
      long moveAfterMs) {
    this.vertx = vertx;
    this.orders = orders;
    this.store = store;
    this.first = first;
    this.events = events;
    this.clock = clock;
    this.lookMs = lookMs;
    this.moveAfterMs = moveAfterMs;
  }

  void start() {
    soon(lookMs);
  }

  void close() {
    closed = true;
    vertx.cancelTimer(timer);
  }

  /** Something was changed: looks at once. */
  void changed() {
    again = true;
    soon(1);
  }

  /** Why it does not serve, as far as this hub knows; null for nothing to say. */
  String reason(String name) {
    return reasons.get(name);
  }

  private void soon(long ms) {
    if (!closed) {
      vertx.cancelTimer(timer);
      timer = vertx.setTimer(Math.max(1, ms), id -> look());
    }
  }

  private void look() {
    if (looking) {
      again = true;
      return;
    }
    if (!first.getAsBoolean()) {
      awaySince.clear();
      troubleSince.clear();
      reasons.clear();
      soon(lookMs);
      return;
    }
    looking = true;
    again = false;
    // In this order: a claim that a node has was written down before, so that one which is not
    // written down is stale, also where another hub places it just now.
    seen()
        .compose(seen -> store.servers().compose(servers -> settle(servers, seen)))
        .onFailure(cause -> log.warn("model servers are not looked at: {}", cause.getMessage()))
        .onComplete(
            done -> {
              looking = false;
              soon(again ? 1 : lookMs);
            });
  }

  /** What the nodes that answer have. */
  private Future<Map<String, List<ContainerInfo>>> seen() {
    Map<String, List<ContainerInfo>> seen = new LinkedHashMap<>();
    List<Future<Containers>> asked = new ArrayList<>();
    for (String nodeId : orders.nodes()) {
      asked.add(
          orders
              .<Containers>ask(nodeId, new ContainerMessage.ListContainers())
              .onSuccess(told -> seen.put(nodeId, told.containers())));
    }
    return Future.join(asked).otherwiseEmpty().map(all -> seen);
  }

  private Future<Void> settle(List<ServerRecord> servers, Map<String, List<ContainerInfo>> seen) {
    Set<String> names = servers.stream().map(ServerRecord::name).collect(Collectors.toSet());
    awaySince.keySet().retainAll(names);
    troubleSince.keySet().retainAll(names);
    reasons.keySet().retainAll(names);
    removeStale(servers, seen);
    Future<Void> settled = Future.succeededFuture();
    for (ServerRecord server : servers) {
      settled = settled.compose(v -> settled(server, seen));
    }
    return settled;
  }

  /** One that cannot be seen to holds up no other. */
  private Future<Void> settled(ServerRecord server, Map<String, List<ContainerInfo>> seen) {
    return Future.succeededFuture()
        .compose(v -> settle(server, seen))
        .recover(
            cause -> {
              log.warn("model server {} is not seen to: {}", server.name(), cause.toString());
              return Future.succeededFuture();
            });
  }

  private void removeStale(List<ServerRecord> servers, Map<String, List<ContainerInfo>> seen) {
    Map<String, String> meant =
        servers.stream()
            .filter(server -> server.nodeId() != null)
            .collect(Collectors.toMap(ServerRecord::claimId, ServerRecord::nodeId));
    seen.forEach(
        (nodeId, claims) -> {
          for (ContainerInfo claim : claims) {
            if (ServerRecord.isServers(claim.claimId())
                && claim.spec().server() != null
                && claim.state() != ContainerInfo.State.REMOVING
                && !nodeId.equals(meant.get(claim.claimId()))) {
              log.info("node {} is told to remove {}: it is stale", nodeId, claim.claimId());
              orders
                  .<Claimed>ask(
                      nodeId, new ContainerMessage.RemoveContainer(claim.claimId(), GRACE_SECONDS))
                  .onFailure(cause -> log.debug("it is told again", cause));
            }
          }
        });
  }

  private Future<Void> settle(ServerRecord server, Map<String, List<ContainerInfo>> seen) {
    String name = server.name();
    Sight sight = sight(server, seen);
    switch (ServerDecision.of(server, sight, moveAfterMs)) {
      case PLACE:
        return place(server, null, null);
      case MOVE:
        return place(server, server.nodeId(), trouble(server, sight));
      case ASK:
        return ask(server).mapEmpty();
      default:
        String trouble = trouble(server, sight);
        if (trouble != null) {
          reasons.put(name, trouble);
        } else if (sight.claim() != null) {
          reasons.remove(name);
        }
        return Future.succeededFuture();
    }
  }

  /** Null where there is none that is known of. */
  private static String trouble(ServerRecord server, Sight sight) {
    if (sight.awaySinceMs() >= 0) {
      return "node " + server.nodeId() + " is away";
    }
    return sight.claim() != null && ServerDecision.isInTrouble(sight.claim())
        ? sight.claim().error()
        : null;
  }

  private Sight sight(ServerRecord server, Map<String, List<ContainerInfo>> seen) {
    long now = clock.millis();
    String node = server.nodeId();
    if (node == null) {
      return new Sight(-1, false, null, 0);
    }
    if (!orders.isUp(node)) {
      return new Sight(now - awaySince.computeIfAbsent(server.name(), n -> now), false, null, 0);
    }
    awaySince.remove(server.name());
    List<ContainerInfo> claims = seen.get(node);
    if (claims == null) {
      return new Sight(-1, false, null, 0);
    }
    ContainerInfo claim =
        claims.stream()
            .filter(each -> each.claimId().equals(server.claimId()))
            .findFirst()
            .orElse(null);
    if (claim != null && !ServerDecision.isInTrouble(claim)) {
      troubleSince.remove(server.name());
      return new Sight(-1, true, claim, 0);
    }
    if (claim != null && claim.state() == ContainerInfo.State.PULLING) {
      troubleSince.remove(server.name());
    }
    long since = troubleSince.computeIfAbsent(server.name(), n -> now);
    return new Sight(-1, true, claim, now - since);
  }

  /**
   * @param not the node that it is to leave; null for none
   * @param trouble why
   */
  private Future<Void> place(ServerRecord server, String not, String trouble) {
    return orders
        .candidates(null)
        .compose(
            all -> {
              Placement.Choice choice =
                  Placement.choose(
                      server.spec(),
                      all.stream().filter(each -> !each.nodeId().equals(not)).toList());
              if (choice.nodes().isEmpty()) {
                waits(server, not == null ? choice.why() : stays(not, trouble, choice));
                return Future.succeededFuture();
              }
              return next(server, not, choice.nodes(), 0);
            });
  }

  private static String stays(String node, String trouble, Placement.Choice others) {
    return "%s, and %s"
        .formatted(
            trouble == null ? "it does not become healthy on node " + node : trouble,
            others.refusals().isEmpty() ? "no other node runs containers" : others.why());
  }

  private Future<Void> next(ServerRecord server, String not, List<String> nodes, int index) {
    if (index == nodes.size()) {
      return Future.succeededFuture();
    }
    String nodeId = nodes.get(index);
    return store
        .assign(server.name(), server.generation(), nodeId, clock.millis())
        .compose(
            ours -> {
              if (!ours) {
                // It was changed meanwhile: the next look sees how.
                again = true;
                return Future.succeededFuture();
              }
              ServerRecord placed = server.on(nodeId);
              awaySince.remove(server.name());
              troubleSince.remove(server.name());
              told(placed, not);
              return ask(placed)
                  .compose(
                      taken ->
                          taken ? Future.succeededFuture() : next(placed, not, nodes, index + 1));
            });
  }

  private void told(ServerRecord placed, String from) {
    log.info(
        "model server {} is placed on node {}{}",
        placed.name(),
        placed.nodeId(),
        from == null ? "" : ", away from " + from);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("name", placed.name());
    data.put("nodeId", placed.nodeId());
    data.put("claimId", placed.claimId());
    if (from != null) {
      data.put("from", from);
    }
    events.emit(from == null ? "model_server_placed" : "model_server_moved", data);
  }

  /** Whether its node took it, or may have. */
  private Future<Boolean> ask(ServerRecord server) {
    return orders
        .<Claimed>ask(server.nodeId(), new ContainerMessage.CreateContainer(server.placed()))
        .map(true)
        .otherwise(
            cause -> {
              waits(server, "node " + server.nodeId() + ": " + cause.getMessage());
              Failure failure = Fault.from(cause).failure();
              return failure == Failure.UNREACHABLE;
            });
  }

  private void waits(ServerRecord server, String why) {
    if (!why.equals(reasons.put(server.name(), why))) {
      log.warn("model server {} waits: {}", server.name(), why);
      events.emit("model_server_waiting", Map.of("name", server.name(), "reason", why));
    }
  }
}
