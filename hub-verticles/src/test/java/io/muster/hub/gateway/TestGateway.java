package io.muster.hub.gateway;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.http.Admission;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.HttpObserver;
import io.muster.hub.http.HttpOptions;
import io.muster.hub.http.HttpVerticle;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.identity.FleetSeal;
import io.muster.hub.identity.Identities;
import io.muster.hub.identity.IdentityApi;
import io.muster.hub.identity.IdentityPolicy;
import io.muster.hub.identity.IdentityVerticle;
import io.muster.hub.identity.Lockouts;
import io.muster.hub.node.NodeEvents;
import io.muster.hub.node.NodeGate;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.NodeVerticle;
import io.muster.hub.node.RemoteNode;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.identity.IdentityMessage.IdentityChanged;
import io.muster.identity.NodeKeys;
import io.muster.identity.NodeSigner;
import io.muster.node.HubMessage;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** A hub's socket with everything behind it that a node's registration meets, on a free port. */
final class TestGateway implements AutoCloseable {
  static final String ADMIN = "Bearer admin";

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final Bus bus = new Bus(vertx);
  final TestDatabase files = TestDatabase.h2();
  final List<HubMessage> told = new CopyOnWriteArrayList<>();
  final List<String> lost = new CopyOnWriteArrayList<>();
  final Database database;
  final Identities identities;
  final NodeRegistry registry;
  final Gateway gateway;
  final HttpVerticle http;
  private final NodeKeys keys = NodeKeys.generate();
  final FleetSeal seal =
      new FleetSeal("hub-test", NodeKeys.generate(), null, 60_000, System::currentTimeMillis);
  private final ChatService chats;
  private final NodeSocketVerticle sockets;
  private final NodeGate gate;

  /** What a test may set; the rest is as nobody would notice it. */
  static final class Options {
    String vcpKey;
    String secret;
    boolean vcpNodes = true;
    long heartbeatTimeoutMs = 60_000;
    long authTimeoutMs = 10_000;
    int maxConnections = 1000;
    int maxPerAddress = 1000;
    int maxUnproved = 1000;
    int maxFrameBytes = 8192;
    int maxFaults = 1000;
    long pingIntervalMs = 60_000;
    long idleTimeoutMs = 60_000;
    int sendBufferBytes = 1 << 20;
    int lockoutFailures = 1000;
    List<SocketFeature> json = new ArrayList<>();
    BinaryPeer.Factory relay;

    GatewayOptions gateway() {
      return new GatewayOptions(
          "hub-test",
          "member",
          "1.2.3",
          vcpKey == null ? secret : vcpKey,
          secret,
          30_000,
          heartbeatTimeoutMs,
          100,
          authTimeoutMs,
          maxConnections,
          maxPerAddress,
          maxUnproved,
          maxFrameBytes,
          maxFaults,
          pingIntervalMs,
          idleTimeoutMs,
          sendBufferBytes,
          20);
    }
  }

  TestGateway(Options options) {
    database = files.open(vertx);
    identities =
        new Identities(
            database,
            new IdentityPolicy(options.vcpNodes),
            Clock.systemUTC(),
            id -> bus.publish(Addresses.IDENTITIES, new IdentityChanged(id)));
    registry =
        new NodeRegistry(
            "hub-test",
            new NodeRegistry.Options(1000, 5000, 5, 1000, 1000),
            Clock.systemUTC(),
            System::nanoTime,
            new Events());
    gateway =
        new Gateway(
            options.gateway(),
            bus,
            new NodeSigner("hub-test", keys, System::currentTimeMillis),
            seal,
            identities,
            new Lockouts(options.lockoutFailures, 60_000, System::nanoTime),
            new Gateway.Features(options.json, options.relay, registration -> {}),
            () -> false,
            Clock.systemUTC(),
            System::nanoTime);
    gate =
        new NodeGate(
            new NodeGate.Options("hub-test", options.secret, 60_000),
            identities::admit,
            identities::hubKey,
            message -> {
              registry.receive(message);
              gateway.heard(message);
            },
            told::add,
            System::currentTimeMillis);
    sockets = new NodeSocketVerticle(gateway, bus, 100, registration -> {});
    chats = new ChatService(vertx, database, "hub-test", ChatOptions.defaults(), Clock.systemUTC());
    HttpOptions plain = HttpOptions.defaults();
    http =
        new HttpVerticle(
            new HttpOptions(
                "127.0.0.1",
                0,
                List.of(),
                List.of(),
                1 << 20,
                8192,
                1000,
                100,
                100,
                1 << 24,
                20,
                10_000,
                500,
                10_000,
                0,
                10_000,
                2_000,
                false),
            new Admission(List.of(), plain.maxInFlight(), plain.maxStreams()),
            (job, listener) -> {
              throw new UnsupportedOperationException();
            },
            ModelCatalogue.NONE,
            chats,
            router -> {},
            List.of(
                new NodeSocketRoutes(gateway),
                new IdentityApi(
                    identities, new Guard(), 60_000, seal.key().publicKey(), (type, data) -> {})),
            HttpObserver.NONE,
            "1.2.3",
            Clock.systemUTC());
    get(identities.publishHubKey("hub-test", keys));
    get(chats.start());
    get(
        vertx.deployVerticle(
            new NodeVerticle("hub-test", "1.2.3", bus, registry, gate, registration -> {})));
    get(
        vertx.deployVerticle(
            new IdentityVerticle(bus, identities, new Effects(), registration -> {})));
    get(vertx.deployVerticle(sockets));
    get(vertx.deployVerticle(http));
  }

  static TestGateway start() {
    return new TestGateway(new Options());
  }

  static <T> T get(Future<T> future) {
    return TestDatabase.await(future);
  }

  URI uri(String path) {
    return URI.create("ws://127.0.0.1:" + http.port() + path);
  }

  URI http(String path) {
    return URI.create("http://127.0.0.1:" + http.port() + path);
  }

  /** Asks on the hub's event loop. */
  <T> T onLoop(Supplier<T> question) {
    io.vertx.core.Promise<T> answer = io.vertx.core.Promise.promise();
    vertx.runOnContext(v -> answer.complete(question.get()));
    return get(answer.future());
  }

  /** How the registry sees the node: {@code online}, …; {@code none} when it does not know it. */
  String state(String nodeId) {
    return onLoop(() -> registry.find(nodeId).map(node -> node.state().label()).orElse("none"));
  }

  RemoteNode node(String nodeId) {
    return onLoop(() -> registry.find(nodeId).orElseThrow());
  }

  /** Stops the socket as a hub does that stops. */
  void stopSockets() {
    get(vertx.undeploy(sockets.deploymentID()));
  }

  @Override
  public void close() {
    get(vertx.undeploy(http.deploymentID()));
    get(chats.close());
    get(database.close());
    get(vertx.close());
    files.close();
  }

  private final class Effects implements IdentityVerticle.Effects {
    @Override
    public void shutOut(String nodeId) {
      gate.shutOut(nodeId);
      gateway.shutOut(nodeId, "revoked");
    }

    @Override
    public void reconsider(String nodeId) {
      gate.reconsider(nodeId);
    }
  }

  private final class Events implements NodeEvents {
    @Override
    public void lost(RemoteNode node, String why) {
      lost.add(node.id() + ": " + why);
    }

    @Override
    public void available(RemoteNode node) {}

    @Override
    public void tellNodes(HubMessage message) {
      told.add(message);
    }

    @Override
    public void changed(RemoteNode node) {}

    @Override
    public void heard(RemoteNode node) {}
  }

  /** Whoever sends {@link #ADMIN} is one. */
  private static final class Guard implements AdminGuard {
    @Override
    public Future<AdminUser> require(ApiCall call, Role role) {
      return ADMIN.equals(call.request().getHeader("authorization"))
          ? Future.succeededFuture(new AdminUser("admin", Role.ADMIN))
          : Future.failedFuture(ApiErrors.of(401, "not_logged_in", "Who are you?"));
    }

    @Override
    public Handler<RoutingContext> forAdmins(
        Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
      return api.forAll(call -> require(call, role).compose(user -> handler.apply(call, user)));
    }
  }

  /** The data of a registration. */
  static Map<String, Object> worker(String nodeId) {
    return Map.of(
        "nodeId",
        nodeId,
        "name",
        "A worker",
        "type",
        "worker",
        "capabilities",
        List.of("file_management"),
        "config",
        Map.of("maxConcurrentTasks", 3));
  }
}
