package io.muster.worker.container;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerMessage;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.api.NodeApiFeature;
import io.muster.worker.config.LiveProviders;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.provider.DemoProvider;
import io.muster.worker.provider.Providers;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A node of which there are the containers alone; asked over the bus, as a hub does. */
final class TestNode implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(40);

  static final String TOKEN = "the-token-of-this-node's-owner";

  final String id;
  final MeterRegistry meters = new SimpleMeterRegistry();
  final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
  final LiveProviders providers;
  final ContainersFeature feature;
  private final NodeApiFeature api;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Bus bus = new Bus(vertx);

  TestNode(String id, Path folder, TestEngine engine, Map<String, String> more) {
    this.id = id;
    Map<String, String> env = new HashMap<>();
    env.put("DATA_DIR", folder.toString());
    env.put("CONTAINER_ENGINE", engine.host());
    env.put("CONTAINER_NETWORK", TestEngine.NETWORK);
    env.put("CONTAINER_LOOK_MS", "500");
    env.put("CONTAINER_RESTART_BASE_MS", "50");
    env.put("MODEL_SERVER_HEALTH_MS", "100");
    env.put("NODE_API_LISTEN", "127.0.0.1:0");
    env.put("NODE_API_TOKEN", TOKEN);
    env.putAll(more);
    Settings settings = Settings.load(Role.WORKER, env, folder);
    Clock clock = Clock.systemUTC();
    providers =
        new LiveProviders(
            new Providers(
                vertx,
                new Providers.Options(null, Providers.Demo.OFF, 1_000),
                List.of(),
                List.of(),
                new DemoProvider(vertx, 0, clock),
                models -> {}));
    NodeContext context =
        new NodeContext(
            vertx,
            bus,
            settings,
            id,
            new Tools(() -> {}),
            providers,
            null,
            Optional::empty,
            meters,
            () -> {},
            new Events(id, events::add, clock),
            null,
            clock);
    feature = new ContainersFeature(context);
    api = new NodeApiFeature(context, List.of(feature));
    onLoop(
        () ->
            providers
                .start()
                .compose(models -> feature.start())
                .compose(v -> api.start())
                .compose(v -> bus.open(Addresses.node(id), feature.inbox())));
  }

  /** Where its own REST API listens. */
  String address() {
    return api.info().getString("address");
  }

  private <T> T onLoop(java.util.function.Supplier<Future<T>> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    vertx
        .getOrCreateContext()
        .runOnContext(v -> action.get().onComplete(done::complete, done::completeExceptionally));
    try {
      return done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  <R> Future<R> asking(ContainerMessage message) {
    return bus.ask(Addresses.node(id), (Record) message, PATIENCE);
  }

  <R> R ask(ContainerMessage message) throws Exception {
    return this.<R>asking(message).await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  Future<ContainerAnswer.Claimed> creating(JsonObject body) {
    return asking(new ContainerMessage.CreateContainer(ContainerBody.read(body)));
  }

  ContainerInfo create(JsonObject body) throws Exception {
    return creating(body).await(PATIENCE.toSeconds(), TimeUnit.SECONDS).container();
  }

  List<ContainerInfo> list() throws Exception {
    ContainerAnswer.Containers all = ask(new ContainerMessage.ListContainers());
    return all.containers();
  }

  /** Null where there is none. */
  ContainerInfo claim(String claimId) throws Exception {
    return list().stream().filter(each -> each.claimId().equals(claimId)).findFirst().orElse(null);
  }

  boolean isUp() {
    return !feature.capabilities().isEmpty();
  }

  /** All that is told of a container until it ends. */
  List<Told> follow(String id, int tail, boolean more) throws Exception {
    ContainerAnswer.Following begun = ask(new ContainerMessage.FollowContainer(id, tail, more));
    List<Told> told = new ArrayList<>();
    while (true) {
      Piece piece = ask(new ContainerMessage.ReadFollow(begun.stream(), 64 << 10, 5_000));
      told.addAll(piece.told());
      if (piece.ended()) {
        return told;
      }
    }
  }

  List<String> eventTypes(String claimId) {
    return events.stream()
        .filter(event -> claimId.equals(event.data().get("claimId")))
        .map(ClusterEvent::type)
        .toList();
  }

  /** What a process that dies leaves: nothing is stopped, nothing is said. */
  @Override
  public void close() {
    onLoop(() -> api.stop().compose(v -> feature.stop()).compose(v -> providers.close()));
    try {
      vertx.close().await(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
