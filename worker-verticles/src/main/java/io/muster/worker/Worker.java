package io.muster.worker;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.event.Events;
import io.muster.identity.CommandGuard;
import io.muster.identity.FleetKey;
import io.muster.identity.NodeKeys;
import io.muster.job.JobMessage;
import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.muster.node.Proof;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthReport;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.identity.NodeKeyFile;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.ops.SettingsJson;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.system.SystemSampler;
import io.muster.task.TaskMessage;
import io.muster.worker.config.LiveProviders;
import io.muster.worker.config.NodeConfig;
import io.muster.worker.control.Drains;
import io.muster.worker.control.LogPages;
import io.muster.worker.control.NodeControl;
import io.muster.worker.control.Orders;
import io.muster.worker.edge.OwnModels;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.job.JobVerticle;
import io.muster.worker.job.Jobs;
import io.muster.worker.link.AnnounceVerticle;
import io.muster.worker.link.BusLink;
import io.muster.worker.link.Fleet;
import io.muster.worker.link.FleetPin;
import io.muster.worker.link.HubLink;
import io.muster.worker.link.SocketLink;
import io.muster.worker.llm.FleetModels;
import io.muster.worker.ops.HttpLimits;
import io.muster.worker.ops.OpsVerticle;
import io.muster.worker.ops.WorkerMetrics;
import io.muster.worker.ops.WorkerStatus;
import io.muster.worker.ops.WorkerView;
import io.muster.worker.provider.Providers;
import io.muster.worker.task.DemoTools;
import io.muster.worker.task.TaskRuns;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker process: everything it is made of, in the order in which it starts. */
public final class Worker implements WorkerStatus, NodeControl.Steered {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(5);
  private static final long TASK_SWEEP_MS = 50;

  private final Settings settings;
  private final Fleet fleet;
  private final Vertx vertx;
  private final Bus bus;
  private final WorkerProcess process;
  private final NodeConfig live;
  private final FleetPin pin;
  private final CommandGuard guard;
  private final BuildInfo build = BuildInfo.of(Worker.class);
  private final Clock clock = Clock.systemUTC();
  private final long startedAt = clock.millis();
  private final String nodeId;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final WorkerMetrics metrics = new WorkerMetrics(registry, System::nanoTime);
  private final Drains drains = new Drains(this::drainNow, this::resumeNow);
  private boolean described;
  private boolean registering;
  private Consumer<Registration> watch;
  private SystemSampler sampler;
  private Self self;
  private LiveProviders providers;
  private WorkerFeatures features;
  private Jobs jobs;
  private Tools tools;
  private TaskRuns tasks;
  private FleetModels models;
  private HubLink link;
  private OpsVerticle ops;

  private Worker(Settings settings, Fleet fleet, String nodeId, WorkerProcess process) {
    this.settings = settings;
    this.fleet = fleet;
    this.vertx = fleet.vertx();
    this.bus = fleet.bus();
    this.nodeId = nodeId;
    this.process = process;
    this.live = new NodeConfig(settings, this::apply);
    this.pin = FleetPin.open(settings, action -> vertx.executeBlocking(action, false));
    this.guard =
        new CommandGuard(
            nodeId,
            () -> info().instance(),
            pin,
            settings.get(IdentitySettings.CLOCK_SKEW_MS),
            clock::millis);
  }

  /**
   * Joins the cluster, or begins to look for its hub, and registers.
   *
   * @param refused is told why a hub does not take this worker; it is of no use then
   * @return the worker, once it can take jobs
   */
  public static Future<Worker> start(Settings settings, Consumer<String> refused) {
    return start(settings, new WorkerProcess(refused, again -> {}, Optional.empty()));
  }

  /** The same, in a process that administrators may end. */
  static Future<Worker> start(Settings settings, WorkerProcess process) {
    String id;
    NodeKeys keys;
    try {
      keys = NodeKeyFile.open(settings);
      id = NodeIdentity.of(settings.find(Catalogue.WORKER_ID), settings.folder(Catalogue.DATA_DIR));
    } catch (StartRefused e) {
      return Future.failedFuture(e);
    } catch (IOException e) {
      return Future.failedFuture(
          new StartRefused("DATA_DIR: the worker's id cannot be kept there: " + e.getMessage()));
    }
    return fleet(settings, id, keys)
        // Not on the event loop: loading all its classes takes a while.
        .compose(
            fleet ->
                fleet
                    .vertx()
                    .executeBlocking(() -> new Worker(settings, fleet, id, process), false))
        .compose(
            worker -> {
              Promise<Worker> started = Promise.promise();
              worker
                  .vertx
                  .getOrCreateContext()
                  .runOnContext(v -> worker.deploy().map(worker).onComplete(started));
              return started
                  .future()
                  .recover(cause -> worker.stop().transform(v -> Future.failedFuture(cause)));
            });
  }

  private static Future<Fleet> fleet(Settings settings, String nodeId, NodeKeys keys) {
    try {
      return SocketLink.isWanted(settings)
          ? Future.succeededFuture(SocketLink.prepare(settings, keys))
          : BusLink.join(settings, nodeId, keys);
    } catch (StartRefused e) {
      return Future.failedFuture(e);
    }
  }

  private Future<?> deploy() {
    sampler =
        SystemSampler.start(
            vertx,
            settings.folder(Catalogue.DATA_DIR),
            clock,
            Duration.ofMillis(settings.get(Catalogue.METRICS_INTERVAL_MS)),
            this::sampled);
    fleet.listen(fleetListener());
    WorkerConfig config = new WorkerConfig(settings);
    tools = new Tools(this::registerSoon);
    tools.off(settings.get(AdminSettings.TOOLS_OFF));
    models = new FleetModels(nodeId, () -> info().instance(), bus, System::nanoTime).start();
    tasks = new TaskRuns(config.tasks(nodeId), tools, bus, System::nanoTime);
    providers = new LiveProviders(config.providers(vertx, clock, models -> modelsChanged(config)));
    features = WorkerFeatures.of(context(), ownModels(), drains);
    sampler.completedBy(features::complete);
    jobs =
        new Jobs(
            config.jobs(nodeId),
            bus,
            vertx.getOrCreateContext(),
            providers::call,
            job -> metrics.started(job.kind(), modelOf(job.model())),
            System::nanoTime);
    link =
        new HubLink(
            this::info,
            info ->
                settings
                    .find(Catalogue.ROOT_NODE_SECRET)
                    .map(secret -> Proof.of(secret, info))
                    .orElse(null),
            jobs::stats,
            () -> sampler.latest().orElse(null),
            fleet::announce,
            process.refused(),
            pin,
            guard,
            clock::millis);
    ops =
        new OpsVerticle(
            settings.get(Catalogue.WORKER_HOST),
            settings.get(Catalogue.WORKER_PORT),
            HttpLimits.DEFAULT,
            new WorkerView(
                build,
                startedAt,
                this,
                () -> sampler.latest().orElse(null),
                LoopLag.start(vertx),
                settings.folder(Catalogue.DATA_DIR),
                clock),
            registry,
            metrics,
            () -> SettingsJson.of(live.effective()),
            readers());

    return fleet
        .watch()
        .onSuccess(started -> watch = started)
        .compose(started -> vertx.deployVerticle(ops))
        .compose(
            // Not on the event loop: names and addresses of this machine are looked up.
            v -> vertx.executeBlocking(this::describe, false))
        .onSuccess(made -> self = made)
        .compose(v -> providers.start())
        .compose(v -> features.start())
        .onSuccess(
            v -> {
              offerDemoTools(config);
              vertx.setPeriodic(TASK_SWEEP_MS, id -> tasks.sweep());
            })
        .compose(v -> vertx.deployVerticle(new JobVerticle(nodeId, bus, jobs, inbox(), watch)))
        .compose(
            v ->
                vertx.deployVerticle(
                    new AnnounceVerticle(
                        bus, link, settings.get(Catalogue.HEARTBEAT_INTERVAL_MS), watch)))
        .onSuccess(
            v -> {
              fleet.begin(this::info);
              log.info(
                  "worker {} is ready: {} models, {} jobs at once, {}, {}",
                  nodeId,
                  providers.models().size(),
                  settings.get(Catalogue.WORKER_MAX_CONCURRENT),
                  fleet.describe(),
                  info().endpoint());
            });
  }

  private Self describe() {
    return new Self(
        settings,
        nodeId,
        NodeIdentity.random(8),
        fleet.memberId(),
        build.version(),
        startedAt,
        Self.endpoint(settings, ops.actualPort()));
  }

  private OwnModels ownModels() {
    return new OwnModels() {
      @Override
      public List<ModelInfo> models() {
        return providers.models();
      }

      @Override
      public void give(JobMessage message) {
        jobs.receive(message);
      }
    };
  }

  private NodeContext context() {
    return new NodeContext(
        vertx,
        bus,
        settings,
        nodeId,
        tools,
        providers,
        this,
        sampler::latest,
        registry,
        this::registerSoon,
        new Events(nodeId, event -> bus.publish(Addresses.EVENTS, event), clock),
        models,
        clock);
  }

  Vertx vertx() {
    return vertx;
  }

  /** What is sent to this node beside jobs. */
  private Inbox inbox() {
    return new Inbox()
        .listen(TaskMessage.class, tasks::receive)
        .otherwise(models.inbox())
        .otherwise(
            new Orders(
                    guard,
                    new NodeControl(this, this::recentLogs, live::take)
                        .inbox()
                        .otherwise(features.inbox()))
                .inbox());
  }

  private NodeAnswer.LogPage recentLogs(String level, int limit) {
    return process
        .logs()
        .map(logs -> LogPages.of(logs.recent(), level, limit))
        .orElseGet(() -> new NodeAnswer.LogPage(List.of(), 0));
  }

  /** Makes what a hub sent hold; what may fail comes first. */
  private Future<Void> apply(Settings next, Set<String> changed) {
    WorkerConfig config = new WorkerConfig(next);
    Future<Void> served =
        config.providersAreOther(changed)
            ? providers.replace(config.providers(vertx, clock, models -> modelsChanged(config)))
            : Future.succeededFuture();
    return served.onSuccess(
        v -> {
          process.logs().ifPresent(logs -> logs.level(next.get(Catalogue.LOG_LEVEL)));
          jobs.limit(next.get(Catalogue.WORKER_MAX_CONCURRENT));
          tasks.limit(next.get(Catalogue.WORKER_MAX_CONCURRENT));
          tools.off(next.get(AdminSettings.TOOLS_OFF));
          // After this turn, when what was sent holds.
          registerSoon();
        });
  }

  /** The models of the whole fleet, for what runs here. */
  public FleetModels fleetModels() {
    return models;
  }

  @Override
  public NodeStats stats() {
    return jobs.stats();
  }

  @Override
  public void drain(String reason) {
    drains.begin(Drains.ORDERED, reason);
  }

  @Override
  public void resume() {
    drains.end(Drains.ORDERED);
  }

  private void drainNow(String reason) {
    link.drain(reason);
    Future<?> unused = Future.all(jobs.drain(), tasks.drain());
  }

  private void resumeNow() {
    jobs.resume();
    tasks.resume();
    link.resume();
  }

  @Override
  public void end(boolean again) {
    process.end().accept(again);
  }

  private void modelsChanged(WorkerConfig config) {
    offerDemoTools(config);
    registerSoon();
  }

  /** After this turn, once for all that changed in it. */
  private void registerSoon() {
    if (!registering) {
      registering = true;
      vertx.runOnContext(
          v -> {
            registering = false;
            if (self != null) {
              link.register();
            }
          });
    }
  }

  private void offerDemoTools(WorkerConfig config) {
    if (config.demoTools(providers.models())) {
      tools.add(DemoTools.of(vertx));
    } else {
      DemoTools.of(vertx).forEach(tool -> tools.remove(tool.name()));
    }
  }

  /**
   * Takes nothing new, finishes what runs within {@code SHUTDOWN_TIMEOUT_MS}, says goodbye, leaves.
   *
   * @return always succeeds
   */
  public Future<Void> stop() {
    Promise<Void> stopped = Promise.promise();
    vertx
        .getOrCreateContext()
        .runOnContext(
            v -> {
              if (link == null || self == null) {
                stopped.complete();
                return;
              }
              drains.forGood();
              link.drain("shutting down");
              Future.all(jobs.drain(), tasks.drain())
                  .timeout(
                      Math.max(1, settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS)),
                      TimeUnit.MILLISECONDS)
                  .onFailure(
                      late ->
                          log.warn(
                              "{} jobs and {} tasks did not end in time and are cut off,"
                                  + " {} results were not taken by a hub",
                              jobs.stats().active(),
                              tasks.active(),
                              tasks.unacknowledged()))
                  .onComplete(
                      drained -> {
                        link.unregister("shut down");
                        features
                            .stop()
                            .compose(ended -> providers.close())
                            .onComplete(closed -> stopped.complete());
                      });
            });
    return stopped.future().compose(v -> fleet.leave(LEAVE_TIMEOUT));
  }

  /** What the machine has is known with the first sample: the registration tells it. */
  private void sampled(Sample sample) {
    if (!described) {
      described = true;
      registerSoon();
    }
  }

  private Fleet.Listener fleetListener() {
    return new Fleet.Listener() {
      @Override
      public void joined(String hubId, FleetKey key) {
        pin.introduced(hubId, key);
        link.register();
      }

      @Override
      public void hubGone(String hubId) {
        link.forget(hubId);
        models.hubGone(hubId);
      }

      @Override
      public void cutOff(String why) {
        link.forgetAll();
        jobs.cutOff(why);
        models.cutOff(why);
      }

      @Override
      public void refused(String reason) {
        process.refused().accept(reason);
      }
    };
  }

  @Override
  public NodeInfo info() {
    return self.with(
        providers.models(),
        tools.infos(),
        features.capabilities(),
        live.effective().get(Catalogue.WORKER_MAX_CONCURRENT),
        sampler.latest().orElse(null));
  }

  @Override
  public JsonObject features() {
    return features.info();
  }

  @Override
  public Future<HealthReport> health() {
    return ops.health();
  }

  @Override
  public List<HealthCheck> featuresHealth() {
    return features.health();
  }

  @Override
  public boolean draining() {
    return jobs.isDraining();
  }

  @Override
  public List<HubSeen> hubs() {
    List<HubSeen> seen = new ArrayList<>();
    link.hubs().forEach((id, since) -> seen.add(new HubSeen(id, null, since)));
    return seen;
  }

  @Override
  public List<ProviderSeen> providers() {
    List<ProviderSeen> seen = new ArrayList<>();
    for (Providers.Status status : providers.status()) {
      seen.add(
          new ProviderSeen(
              status.name(), status.models(), status.problem() == null, status.problem()));
    }
    return seen;
  }

  private Access readers() {
    return settings.get(Catalogue.METRICS_PUBLIC)
        ? Access.open()
        : Access.loopbackOrTokens(
            settings.find(Catalogue.METRICS_TOKEN).map(List::of).orElse(List.of()));
  }

  private ModelInfo modelOf(String id) {
    for (ModelInfo model : providers.models()) {
      if (model.id().equals(id)) {
        return model;
      }
    }
    return null;
  }
}
