package io.muster.hub;

import io.muster.bus.Addresses;
import io.muster.bus.Registration;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.SocketCommands;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.gateway.Gateway;
import io.muster.hub.gateway.NodeSocketRoutes;
import io.muster.hub.gateway.NodeSocketVerticle;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.identity.FleetSeal;
import io.muster.hub.identity.Identities;
import io.muster.hub.identity.IdentityApi;
import io.muster.hub.identity.IdentityVerticle;
import io.muster.hub.node.NodeGate;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.relay.Relay;
import io.muster.hub.relay.RelayRules;
import io.muster.hub.storage.Database;
import io.muster.identity.IdentityMessage.IdentityChanged;
import io.muster.identity.NodeKeys;
import io.muster.identity.NodeSigner;
import io.muster.llm.LlmMessage;
import io.muster.node.HubMessage;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.task.TaskReport;
import io.muster.tunnel.TunnelMessage.SyncTunnels;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How nodes come in: who they are, by the bus or by a socket, and who is let through. */
final class Joining implements IdentityVerticle.Effects {
  private final HubContext hub;
  private final NodeRegistry registry;
  private final Consumer<Registration> watch;
  private final NodeKeys keys = NodeKeys.generate();
  private final Identities identities;
  private final NodeGate gate;
  private final Relay relay;
  private FleetSeal seal;
  private Gateway gateway;
  private NodeSocketVerticle sockets;

  /**
   * @param watch watches what is registered on the bus
   * @param tellNodes publishes to all nodes
   */
  Joining(
      HubContext hub,
      Database database,
      NodeRegistry registry,
      Consumer<Registration> watch,
      Consumer<HubMessage> tellNodes) {
    this.hub = hub;
    this.registry = registry;
    this.watch = watch;
    this.identities =
        new Identities(
            database,
            hub.config().identity(),
            hub.clock(),
            id -> hub.bus().publish(Addresses.IDENTITIES, new IdentityChanged(id)));
    this.gate =
        new NodeGate(
            hub.config().gate(hub.hubId()),
            identities::admit,
            identities::hubKey,
            message -> {
              registry.receive(message);
              gateway.heard(message);
            },
            tellNodes,
            hub.clock()::millis);
    this.relay =
        new Relay(
            hub.bus(),
            hub.config().relay(hub.hubId()),
            new RelayRules(
                Map.of(
                    Addresses.TASKS,
                    (nodeId, message) ->
                        message instanceof TaskReport report && nodeId.equals(report.nodeId()),
                    Addresses.LLM,
                    (nodeId, message) ->
                        (message instanceof LlmMessage.ModelCall call
                                && nodeId.equals(call.nodeId()))
                            || (message instanceof LlmMessage.ListFleet list
                                && nodeId.equals(list.nodeId())),
                    Addresses.TUNNELS,
                    (nodeId, message) ->
                        message instanceof SyncTunnels sync && nodeId.equals(sync.nodeId()))),
            this::isHub,
            watch,
            System::nanoTime);
  }

  /**
   * Lets the other hubs know by which key this one vouches for the nodes at its sockets, and finds
   * out by which key all hubs steer nodes.
   */
  Future<Void> publishKeys() {
    return identities
        .publishHubKey(hub.hubId(), keys)
        .compose(v -> identities.fleetKeys())
        .onSuccess(
            fleet ->
                seal =
                    new FleetSeal(
                        hub.hubId(),
                        fleet,
                        hub.settings().find(Catalogue.ROOT_NODE_SECRET).orElse(null),
                        hub.settings().get(IdentitySettings.CLOCK_SKEW_MS),
                        hub.clock()::millis))
        .mapEmpty();
  }

  /** Tells nodes what to do, so that they believe it. */
  NodeOrders orders(FleetView fleet) {
    return NodeOrders.over(
        hub.bus(),
        Duration.ofMillis(hub.settings().get(AdminSettings.NODE_COMMAND_TIMEOUT_MS)),
        (nodeId, command) ->
            seal.sign(
                nodeId,
                fleet.node(nodeId).map(node -> node.info().instance()).orElse(""),
                command));
  }

  /** What is to be said to nodes, with what makes them believe it. */
  HubMessage vouch(HubMessage message) {
    return seal.vouch(message);
  }

  /** Passes commands on to nodes of other makes, which cannot judge them. */
  SocketFeature socketCommands() {
    return new SocketCommands(
        hub.vertx(),
        hub.settings().get(AdminSettings.NODE_COMMAND_TIMEOUT_MS),
        session -> seal.guard(session.nodeId(), () -> session.info().instance()));
  }

  /** What judges the nodes' words on the bus. */
  NodeGate gate() {
    return gate;
  }

  /**
   * Before the first node is heard.
   *
   * @param features what is done with nodes that speak JSON over a socket
   */
  void serve(List<SocketFeature> features) {
    gateway =
        new Gateway(
            hub.config().gateway(hub.hubId(), hub.cluster().memberId(), hub.build().version()),
            hub.bus(),
            new NodeSigner(hub.hubId(), keys, hub.clock()::millis),
            seal,
            identities,
            hub.config().lockouts(),
            new Gateway.Features(features, relay, watch),
            registry::servesModels,
            hub.clock(),
            System::nanoTime);
  }

  Future<Void> start() {
    sockets =
        new NodeSocketVerticle(
            gateway, hub.bus(), hub.settings().get(Catalogue.HEARTBEAT_INTERVAL_MS), watch);
    return hub.vertx()
        .deployVerticle(new IdentityVerticle(hub.bus(), identities, this, watch))
        .compose(v -> hub.vertx().deployVerticle(sockets))
        .compose(v -> relay.start())
        .mapEmpty();
  }

  List<ApiRoutes> routes(AdminGuard guard) {
    return List.of(
        new NodeSocketRoutes(gateway),
        new IdentityApi(
            identities,
            guard,
            hub.settings().get(IdentitySettings.JOIN_TOKEN_MINUTES) * 60_000L,
            seal.key().publicKey(),
            hub.events()::emit));
  }

  @Override
  public void shutOut(String nodeId) {
    gate.shutOut(nodeId);
    gateway.shutOut(nodeId, "the node was revoked by an admin");
  }

  @Override
  public void reconsider(String nodeId) {
    gate.reconsider(nodeId);
  }

  /** Says goodbye at the sockets. */
  Future<Void> closeSockets() {
    return sockets == null
        ? Future.succeededFuture()
        : hub.vertx().undeploy(sockets.deploymentID());
  }

  /** While the database is still open. */
  Future<Void> close() {
    return identities.forgetHubKey(hub.hubId()).otherwiseEmpty();
  }

  private boolean isHub(String id) {
    return hub.cluster().members().stream().map(HubMessage::hubId).anyMatch(id::equals);
  }
}
