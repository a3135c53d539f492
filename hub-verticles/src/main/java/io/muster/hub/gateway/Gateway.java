package io.muster.hub.gateway;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.hub.identity.Claim;
import io.muster.hub.identity.FleetSeal;
import io.muster.hub.identity.Identities;
import io.muster.hub.identity.Lockouts;
import io.muster.hub.identity.Verdict;
import io.muster.identity.FleetKey;
import io.muster.identity.NodeSigner;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.node.Statements;
import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All nodes at this hub's socket: speaks for them on the bus, serves their addresses, and ends
 * those that are gone, shut out, or connected elsewhere by now. Used on the hub's event loop.
 */
public final class Gateway {
  static final Set<String> OWN_FRAMES =
      Set.of("node_register", "heartbeat", "node_unregister", "register_tools");

  private static final Logger log = LoggerFactory.getLogger(Gateway.class);
  private static final long MS = 1_000_000;

  private final GatewayOptions options;
  private final Bus bus;
  private final NodeSigner signer;
  private final FleetSeal seal;
  private final Identities identities;
  private final Lockouts lockouts;
  private final Features features;
  private final BooleanSupplier llmAvailable;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Frames frames;
  private final ConnectionCount count;
  private final Map<String, BiConsumer<NodeSession, JsonObject>> handlers = new HashMap<>();
  private final Set<NodeConnection> connections = new LinkedHashSet<>();
  private final Map<String, Session> sessions = new HashMap<>();
  private final Map<Session, Future<Registration>> addresses = new HashMap<>();
  private boolean stopping;

  /**
   * What others add.
   *
   * @param json takes frames, and messages of the bus, for nodes of other makes
   * @param relay speaks with Muster's own workers; null for none
   * @param watchdog watches an address, so that a lost registration is made anew
   */
  public record Features(
      List<SocketFeature> json, BinaryPeer.Factory relay, Consumer<Registration> watchdog) {
    public Features {
      json = List.copyOf(json);
    }
  }

  /**
   * @param signer signs as this hub
   * @param seal what nodes are told to know hubs' commands by
   * @param llmAvailable whether a model can be called through this hub now
   */
  public Gateway(
      GatewayOptions options,
      Bus bus,
      NodeSigner signer,
      FleetSeal seal,
      Identities identities,
      Lockouts lockouts,
      Features features,
      BooleanSupplier llmAvailable,
      Clock clock,
      LongSupplier nanoTime) {
    this.options = options;
    this.bus = bus;
    this.signer = signer;
    this.seal = seal;
    this.identities = identities;
    this.lockouts = lockouts;
    this.features = features;
    this.llmAvailable = llmAvailable;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.frames = new Frames(options.maxJsonDepth(), options.maxFrameBytes());
    this.count = new ConnectionCount(options);
    for (SocketFeature feature : features.json()) {
      feature
          .frames()
          .forEach(
              (type, handler) -> {
                if (OWN_FRAMES.contains(type) || handlers.putIfAbsent(type, handler) != null) {
                  throw new IllegalArgumentException("two features take " + type);
                }
              });
    }
  }

  /** Nodes that are registered here. */
  public int size() {
    return sessions.size();
  }

  /** Connections that are open. */
  public int connections() {
    return count.all();
  }

  /** Ends the node's connection here, if it has one. */
  public void shutOut(String nodeId, String reason) {
    Session session = sessions.get(nodeId);
    if (session != null) {
      end(session, CloseCode.POLICY, reason, true);
    }
  }

  /** What was let through of what nodes say: one that speaks from elsewhere is here no more. */
  public void heard(NodeMessage message) {
    if (message instanceof NodeMessage.Register register) {
      Session session = sessions.get(register.nodeId());
      if (session != null && !options.memberId().equals(register.info().memberId())) {
        end(session, CloseCode.TAKEN_OVER, "the node is connected elsewhere", false);
      }
    }
  }

  /** What hubs say to nodes: those at the socket are answered for. */
  void heard(HubMessage message) {
    if (message instanceof HubMessage.Hello) {
      sessions.values().stream().filter(Session::isAnnounced).forEach(Session::announced);
    } else if (message instanceof HubMessage.Unknown unknown) {
      Session session = sessions.get(unknown.nodeId());
      if (session != null
          && session.isAnnounced()
          && session.info().instance().equals(unknown.instance())) {
        session.announced();
      }
    } else if (message instanceof HubMessage.Refused refused) {
      Session session = sessions.get(refused.nodeId());
      if (session != null && isOrdered(session, refused)) {
        end(session, CloseCode.POLICY, refused.reason(), false);
      }
    }
  }

  /** Whether a hub said so, and not somebody else in the cluster. */
  private boolean isOrdered(Session session, HubMessage.Refused refused) {
    try {
      seal.guard(session.nodeId(), () -> session.info().instance()).open(refused.seal());
      return true;
    } catch (FaultException e) {
      log.warn("{} is said to be refused: {}", session.nodeId(), e.getMessage());
      return false;
    }
  }

  /** A connection that was let in. */
  void accept(ServerWebSocket socket, NodeConnection.Entry entry) {
    if (stopping || socket.isClosed()) {
      entry.place().leave();
      var unused = socket.close(CloseCode.HUB_STOPS.number(), "the hub stops");
      return;
    }
    connections.add(new NodeConnection(this, socket, entry));
  }

  /** A node has proved who it is. */
  void opened(Session session, boolean relayed) {
    Session before = sessions.put(session.nodeId(), session);
    Future<Void> free = Future.succeededFuture();
    if (before != null) {
      log.info("node {} has a new connection", session.nodeId());
      free = end(before, CloseCode.TAKEN_OVER, "the node has a new connection", false);
    }
    free.compose(v -> serve(session, relayed))
        .onSuccess(
            v -> {
              if (!session.isOver()) {
                session.announced();
              }
            })
        .onFailure(
            cause -> {
              log.warn("node {} cannot be served: {}", session.nodeId(), cause.toString());
              end(session, CloseCode.TRY_LATER, "the hub cannot serve the node now", true);
            });
  }

  private Future<?> serve(Session session, boolean relayed) {
    if (session.isOver()) {
      return Future.succeededFuture();
    }
    if (relayed && features.relay() != null) {
      BinaryPeer peer = features.relay().open(session, message -> session.socket().send(message));
      session.peer(peer);
      return peer.ready();
    }
    Inbox inbox = new Inbox();
    features.json().forEach(feature -> inbox.otherwise(feature.inbox(session)));
    Future<Registration> serving = bus.open(Addresses.node(session.nodeId()), inbox);
    addresses.put(session, serving);
    return serving.onSuccess(features.watchdog()::accept);
  }

  /**
   * A node is here no more.
   *
   * @param tell whether hubs are to hear that it left; not when it is elsewhere now
   * @return when its address is free again
   */
  Future<Void> end(Session session, CloseCode code, String reason, boolean tell) {
    if (!session.over()) {
      return Future.succeededFuture();
    }
    sessions.remove(session.nodeId(), session);
    if (tell && session.isAnnounced()) {
      say(new NodeMessage.Unregister(session.nodeId(), session.info().instance(), reason));
    }
    session.socket().close(code, reason);
    Future<Registration> serving = addresses.remove(session);
    return serving == null
        ? Future.succeededFuture()
        : serving.compose(Registration::close).otherwiseEmpty();
  }

  /** Judges all connections by the clock. */
  void sweep() {
    List.copyOf(connections).forEach(NodeConnection::sweep);
    long now = now();
    for (Session session : List.copyOf(sessions.values())) {
      if (session.fallsSilent(now, options.heartbeatTimeoutMs() * MS)) {
        String why = "no heartbeat for " + options.heartbeatTimeoutMs() + " ms";
        log.warn("node {}: {}", session.nodeId(), why);
        say(new NodeMessage.Unregister(session.nodeId(), session.info().instance(), why));
      }
    }
  }

  /** Says on the bus that the nodes here live. */
  void heartbeat() {
    List<NodeMessage.Heartbeat> beats = new ArrayList<>(sessions.size());
    long fresh = now() - 2 * options.busHeartbeatMs() * MS;
    for (Session session : sessions.values()) {
      if (session.isAnnounced() && session.livesSince(fresh)) {
        beats.add(session.heartbeat());
      }
    }
    if (!beats.isEmpty()) {
      say(Statements.heartbeats(beats));
    }
  }

  /** Ends all connections: the nodes find another hub, or this one when it is back. */
  void stop() {
    stopping = true;
    for (Session session : List.copyOf(sessions.values())) {
      end(session, CloseCode.HUB_STOPS, "the hub stops", true);
    }
    List.copyOf(connections)
        .forEach(connection -> connection.socket().close(CloseCode.HUB_STOPS, "the hub stops"));
  }

  void say(NodeMessage message) {
    say(Statements.of(message));
  }

  private void say(Statements statements) {
    bus.publish(Addresses.HUBS, signer.sign(options.memberId(), statements));
  }

  Future<Verdict> admit(Claim claim) {
    return identities.admit(claim);
  }

  void failed(String address) {
    if (lockouts.failed(address)) {
      log.warn("{} is locked out: too many failed proofs", address);
    }
  }

  Lockouts lockouts() {
    return lockouts;
  }

  ConnectionCount count() {
    return count;
  }

  NodeSocket socket(ServerWebSocket webSocket, Channel channel, NodeSocket.Listener listener) {
    return new NodeSocket(bus.vertx(), webSocket, channel, options, nanoTime, listener);
  }

  void gone(NodeConnection connection) {
    connections.remove(connection);
  }

  boolean isOver(NodeConnection connection) {
    return !connections.contains(connection);
  }

  BiConsumer<NodeSession, JsonObject> feature(String type) {
    return handlers.get(type);
  }

  Frames frames() {
    return frames;
  }

  FleetKey fleetKey() {
    return seal.key();
  }

  GatewayOptions options() {
    return options;
  }

  boolean llmAvailable() {
    return llmAvailable.getAsBoolean();
  }

  String newNonce() {
    return identities.nonce();
  }

  String newId() {
    return identities.nonce().replaceAll("[^A-Za-z0-9]", "").substring(0, 8);
  }

  long now() {
    return nanoTime.getAsLong();
  }

  long wallMs() {
    return clock.millis();
  }
}
