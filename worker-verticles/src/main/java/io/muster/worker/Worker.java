package io.muster.worker;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.event.Events;
import io.muster.identity.NodeKeys;
import io.muster.metric.Sample;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthReport;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.identity.NodeKeyFile;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.ops.SettingsJson;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.system.SystemSampler;
import io.muster.worker.config.NodeConfig;
import io.muster.worker.control.Drains;
import io.muster.worker.control.NodeControl;
import io.muster.worker.control.Orders;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.job.JobVerticle;
import io.muster.worker.link.AnnounceVerticle;
import io.muster.worker.link.Fleet;
import io.muster.worker.llm.FleetModels;
import io.muster.worker.ops.HttpLimits;
import io.muster.worker.ops.OpsVerticle;
import io.muster.worker.ops.WorkerMetrics;
import io.muster.worker.ops.WorkerStatus;
import io.muster.worker.ops.WorkerView;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker process: everything it is made of, in the order in which it starts. */
public final class Worker implements WorkerStatus, NodeControl.Steered {
  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(5);

  private final Settings settings;
  private final Fleet fleet;
  private final Vertx vertx;
  private final Bus bus;
  private final WorkerProcess process;
  private final NodeConfig live;
  private final Membership membership;
  private final BuildInfo build = BuildInfo.of(Worker.class);
  private final Clock clock = Clock.systemUTC();
  private final long startedAt = clock.millis();
  private final String nodeId;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final WorkerMetrics metrics = new WorkerMetrics(registry, System::nanoTime);
  private final Drains drains = new Drains(this::drainNow, this::resumeNow);
  private boolean described;
  private Consumer<Registration> watch;
  private SystemSampler sampler;
  private Self self;
  private Workload work;
  private WorkerFeatures features;
  private OpsVerticle ops;

  private Worker(Settings settings, Fleet fleet, String nodeId, WorkerProcess process) {
    this.settings = settings;
    this.fleet = fleet;
    this.vertx = fleet.vertx();
    this.bus = fleet.bus();
    this.nodeId = nodeId;
    this.process = process;
    this.live = new NodeConfig(settings, this::apply);
    this.membership =
        new Membership(
            settings,
            fleet,
            nodeId,
            this,
            this::latestSample,
            process.refused(),
            why -> work.cutOff(why),
            clock);
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
    return Membership.join(settings, id, keys)
        // Not on the event loop: loading all its classes takes a while.
        .compose(
            fleet ->
                fleet
                    .vertx()
                    .executeBlocking(() -> new Worker(settings, fleet, id, process), false))
        .compose(
            worker -> {
              Promise<Worker> started = Promise.promise();
              // Within compose: what a part throws while it is made is why it did not start.
              worker
                  .vertx
                  .getOrCreateContext()
                  .runOnContext(
                      v ->
                          Future.succeededFuture()
                              .compose(made -> worker.deploy())
                              .map(worker)
                              .onComplete(started));
              return started
                  .future()
                  .recover(cause -> worker.stop().transform(v -> Future.failedFuture(cause)));
            });
  }

  private Future<?> deploy() {
    sampler =
        SystemSampler.start(
            vertx,
            settings.folder(Catalogue.DATA_DIR),
            clock,
            Duration.ofMillis(settings.get(Catalogue.METRICS_INTERVAL_MS)),
            this::sampled);
    membership.open();
    work = new Workload(settings, bus, nodeId, metrics, membership::registerSoon, clock);
    features = WorkerFeatures.of(context(), work, drains);
    sampler.completedBy(features::complete);
    ops =
        new OpsVerticle(
            settings.get(Catalogue.WORKER_HOST),
            settings.get(Catalogue.WORKER_PORT),
            HttpLimits.DEFAULT,
            new WorkerView(
                build,
                startedAt,
                this,
                this::latestSample,
                LoopLag.start(vertx),
                settings.folder(Catalogue.DATA_DIR),
                clock),
            registry,
            metrics,
            () -> SettingsJson.of(live.effective()),
            new WorkerConfig(settings).readers());

    return fleet
        .watch()
        .onSuccess(started -> watch = started)
        .compose(started -> vertx.deployVerticle(ops))
        .compose(
            // Not on the event loop: names and addresses of this machine are looked up.
            v -> vertx.executeBlocking(this::describe, false))
        .onSuccess(
            made -> {
              self = made;
              membership.introduce();
            })
        .compose(v -> work.start())
        .compose(v -> features.start())
        .onSuccess(v -> work.open())
        .compose(
            v -> vertx.deployVerticle(new JobVerticle(nodeId, bus, work.jobs(), inbox(), watch)))
        .compose(
            v ->
                vertx.deployVerticle(
                    new AnnounceVerticle(
                        bus,
                        membership.link(),
                        settings.get(Catalogue.HEARTBEAT_INTERVAL_MS),
                        watch)))
        .onSuccess(
            v -> {
              fleet.begin(this::info);
              log.info(
                  "worker {} is ready: {} models, {} jobs at once, {}, {}",
                  nodeId,
                  work.models().size(),
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

  private NodeContext context() {
    return new NodeContext(
        vertx,
        bus,
        settings,
        nodeId,
        work.tools(),
        work.providers(),
        this,
        sampler::latest,
        registry,
        membership::registerSoon,
        new Events(nodeId, event -> bus.publish(Addresses.EVENTS, event), clock),
        membership.models(),
        clock);
  }

  Vertx vertx() {
    return vertx;
  }

  /** What is sent to this node beside jobs. */
  private Inbox inbox() {
    Inbox parts =
        new NodeControl(this, process::recentLogs, live::take).inbox().otherwise(features.inbox());
    return work.inbox()
        .otherwise(membership.models().inbox())
        .otherwise(new Orders(membership.guard(), parts).inbox());
  }

  /** Makes what a hub sent hold; what may fail comes first. */
  private Future<Void> apply(Settings next, Set<String> changed) {
    return work.apply(next, changed)
        .onSuccess(
            v -> {
              process.logs().ifPresent(logs -> logs.level(next.get(Catalogue.LOG_LEVEL)));
              // After this turn, when what was sent holds.
              membership.registerSoon();
            });
  }

  /** The models of the whole fleet, for what runs here. */
  public FleetModels fleetModels() {
    return membership.models();
  }

  @Override
  public NodeStats stats() {
    return work.stats();
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
    membership.link().drain(reason);
    Future<?> unused = work.drain();
  }

  private void resumeNow() {
    work.resume();
    membership.link().resume();
  }

  @Override
  public void end(boolean again) {
    process.end().accept(again);
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
              if (features == null || self == null) {
                stopped.complete();
                return;
              }
              drains.forGood();
              membership.link().drain("shutting down");
              work.drain(Duration.ofMillis(settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS)))
                  .onComplete(
                      drained -> {
                        membership.link().unregister("shut down");
                        features
                            .stop()
                            .compose(ended -> work.close())
                            .onComplete(closed -> stopped.complete());
                      });
            });
    return stopped.future().compose(v -> fleet.leave(LEAVE_TIMEOUT));
  }

  private Sample latestSample() {
    return sampler.latest().orElse(null);
  }

  /** What the machine has is known with the first sample: the registration tells it. */
  private void sampled(Sample sample) {
    if (!described) {
      described = true;
      membership.registerSoon();
    }
  }

  @Override
  public boolean isKnown() {
    return self != null;
  }

  @Override
  public boolean servesAlone() {
    return features.serveAlone();
  }

  @Override
  public NodeInfo info() {
    return self.with(
        work.models(),
        work.tools().infos(),
        features.capabilities(),
        live.effective().get(Catalogue.WORKER_MAX_CONCURRENT),
        latestSample());
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
    return work.isDraining();
  }

  @Override
  public List<HubSeen> hubs() {
    return membership.hubs();
  }

  @Override
  public List<ProviderSeen> providers() {
    return work.providersSeen();
  }
}
