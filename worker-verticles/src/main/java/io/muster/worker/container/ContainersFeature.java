package io.muster.worker.container;

import io.micrometer.core.instrument.Gauge;
import io.muster.bus.Inbox;
import io.muster.container.ContainerInfo.State;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.ContainerSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.api.NodeApi;
import io.muster.worker.api.NodeRoutes;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.provider.ClientOptions;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Containers on this machine's engine, put together. */
public final class ContainersFeature implements NodeFeature, NodeRoutes {
  private static final String UNIX = "unix://";
  private static final long FIRST_LOOK_MS = 2_000;

  private final NodeContext node;
  private final Settings settings;
  private Claims claims;
  private EngineWatch watch;
  private Engine engine;
  private Desk desk;
  private Follows follows;
  private ModelServers servers;
  private ContainerNews news;

  public ContainersFeature(NodeContext node) {
    this.node = node;
    this.settings = node.settings();
  }

  @Override
  public String name() {
    return "containers";
  }

  @Override
  public Future<Void> start() {
    String socket = settings.get(ContainerSettings.CONTAINER_ENGINE);
    if (!socket.startsWith(UNIX + "/")) {
      return Future.failedFuture(
          new StartRefused("CONTAINER_ENGINE=" + socket + " must be unix:// and an absolute path"));
    }
    Policy policy;
    GpuStock gpus;
    try {
      policy = policy(Path.of(socket.substring(UNIX.length())));
      gpus = new GpuStock(settings.get(ContainerSettings.CONTAINER_GPUS), gpusSeen());
    } catch (IllegalArgumentException e) {
      return Future.failedFuture(new StartRefused(e.getMessage()));
    }
    return node.vertx()
        // The library's classes take a while to load.
        .executeBlocking(() -> engine(socket), false)
        .compose(
            made -> {
              engine = made;
              assemble(policy, gpus);
              return claims.load();
            })
        .compose(
            v -> {
              follows.start();
              servers.start();
              // A node that is there offers its containers at once, where the engine is quick.
              return watch.start().timeout(FIRST_LOOK_MS, TimeUnit.MILLISECONDS).otherwiseEmpty();
            });
  }

  private Engine engine(String socket) {
    return new DockerEngine(
        node.vertx(),
        new DockerEngine.Options(
            socket,
            settings.get(ContainerSettings.CONTAINER_ENGINE_TIMEOUT_MS),
            settings.get(ContainerSettings.CONTAINER_PULL_TIMEOUT_MS),
            // An image may come for each claim.
            settings.get(ContainerSettings.CONTAINER_MAX_STREAMS)
                + settings.get(ContainerSettings.CONTAINER_MAX)),
        new ContainerCreation(
            settings.get(ContainerSettings.CONTAINER_NETWORK),
            settings.get(ContainerSettings.CONTAINER_PORT_HOST),
            settings.get(ContainerSettings.CONTAINER_PIDS)));
  }

  private void assemble(Policy policy, GpuStock gpus) {
    Reservations reservations = new Reservations(settings.get(ContainerSettings.CONTAINER_MAX));
    news = new ContainerNews(node.nodeId(), node.events(), node.meters());
    claims =
        new Claims(
            new ClaimFiles(node.vertx(), settings.folder(Catalogue.DATA_DIR).resolve("containers")),
            reservations);
    RestartRule restarts =
        new RestartRule(
            settings.get(ContainerSettings.CONTAINER_RESTART_BASE_MS),
            settings.get(ContainerSettings.CONTAINER_RESTART_MAX_MS));
    Settling settling =
        new Settling(
            node.vertx(),
            engine,
            claims,
            new EngineSteps(node.nodeId(), engine, claims, news),
            restarts,
            news,
            node.clock());
    EngineLook look =
        new EngineLook(
            node.nodeId(), engine, claims, reservations, settling, restarts, news, node.clock());
    long timeoutMs = settings.get(ContainerSettings.CONTAINER_ENGINE_TIMEOUT_MS);
    watch =
        new EngineWatch(
            node.vertx(),
            engine,
            settings.get(ContainerSettings.CONTAINER_LOOK_MS),
            timeoutMs / 4,
            System::nanoTime,
            listener(look));
    settling.watch(watch, look::look);
    look.watch(watch);
    desk =
        new Desk(
            node.vertx(),
            node.nodeId(),
            engine,
            watch,
            claims,
            reservations,
            settling,
            policy,
            gpus::ids,
            new Desk.Options(
                (long) settings.get(ContainerSettings.CONTAINER_MEMORY_MB) << 20, timeoutMs * 2),
            node.clock());
    follows =
        new Follows(
            node.vertx(),
            engine,
            watch,
            settings.get(ContainerSettings.CONTAINER_MAX_STREAMS),
            System::nanoTime);
    servers =
        new ModelServers(
            node.vertx(),
            claims,
            settling,
            node.providers(),
            ClientOptions.of(settings),
            news,
            new ModelServers.Options(
                settings.get(ContainerSettings.MODEL_SERVER_HEALTH_MS),
                settings.get(ContainerSettings.MODEL_SERVER_HEALTH_FAILURES)),
            System::nanoTime);
    meters();
  }

  private EngineWatch.Listener listener(EngineLook look) {
    return new EngineWatch.Listener() {
      @Override
      public void up() {
        news.engineUp(watch.facts().version());
        node.changed().run();
        look.look();
      }

      @Override
      public void away(String problem) {
        news.engineAway(problem);
        look.engineAway();
        node.changed().run();
      }

      @Override
      public void look() {
        look.look();
      }
    };
  }

  private Policy policy(Path socket) {
    return new Policy(
        new Policy.Owner(
            settings.get(ContainerSettings.CONTAINER_IMAGES),
            settings.get(ContainerSettings.CONTAINER_ALLOW),
            settings.get(ContainerSettings.CONTAINER_MOUNTS),
            settings.get(ContainerSettings.CONTAINER_DEVICES),
            settings.get(ContainerSettings.CONTAINER_CAPABILITIES),
            settings.get(ContainerSettings.CONTAINER_MEMORY_MB) > 0,
            socket));
  }

  private Supplier<List<Gpu>> gpusSeen() {
    return () -> node.sample().get().map(Sample::gpus).orElse(List.of());
  }

  private void meters() {
    for (State state : State.values()) {
      Gauge.builder(
              "muster.containers",
              claims,
              all -> all.all().stream().filter(claim -> claim.state() == state).count())
          .description("Claims of containers, by state")
          .tag("state", io.muster.container.ContainerJson.name(state))
          .register(node.meters());
    }
    Gauge.builder("muster.containers.engine.up", watch, w -> w.isUp() ? 1 : 0)
        .description("Whether the container engine answers")
        .register(node.meters());
    Gauge.builder("muster.containers.followers", follows, Follows::size)
        .description("Streams that follow containers")
        .register(node.meters());
  }

  /** What runs goes on running: it is taken up again at the next start. */
  @Override
  public Future<Void> stop() {
    if (watch == null) {
      return Future.succeededFuture();
    }
    watch.stop();
    servers.stop();
    follows.stop();
    return engine.close().compose(v -> claims.close());
  }

  @Override
  public Inbox inbox() {
    return new ContainerInbox(node.nodeId(), desk, follows).inbox();
  }

  @Override
  public void mount(Router router, NodeApi api) {
    new ContainerRoutes(node.vertx(), desk, follows).mount(router, api);
  }

  @Override
  public List<String> capabilities() {
    return watch != null && watch.isUp() ? List.of("containers") : List.of();
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("containers", this::finding));
  }

  private Finding finding() {
    if (watch == null || !watch.isUp()) {
      return Finding.degraded(watch == null ? "not started yet" : watch.problem());
    }
    if (watch.slow() > 0) {
      return Finding.degraded("the container engine is slow: " + watch.slow() + " ms to answer");
    }
    return Finding.healthy(null);
  }

  @Override
  public JsonObject info() {
    if (watch == null) {
      return null;
    }
    JsonObject info =
        new JsonObject()
            .put("engine", settings.get(ContainerSettings.CONTAINER_ENGINE))
            .put("up", watch.isUp())
            .put("claims", claims.all().size())
            .put("modelServers", servers.serving());
    return watch.isUp()
        ? info.put("version", watch.facts().version())
        : info.put("reason", watch.problem());
  }
}
