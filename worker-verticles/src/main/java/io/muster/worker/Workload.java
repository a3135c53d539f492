package io.muster.worker;

import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.job.JobMessage;
import io.muster.node.ModelInfo;
import io.muster.node.NodeStats;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.muster.task.TaskMessage;
import io.muster.worker.config.LiveProviders;
import io.muster.worker.edge.OwnModels;
import io.muster.worker.job.Jobs;
import io.muster.worker.ops.WorkerMetrics;
import io.muster.worker.ops.WorkerStatus.ProviderSeen;
import io.muster.worker.provider.Providers;
import io.muster.worker.task.DemoTools;
import io.muster.worker.task.TaskRuns;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a worker works on: the models that its providers serve, the tools that it offers, and the
 * jobs and tasks that run. Used on the event loop.
 */
final class Workload implements OwnModels {
  private static final Logger log = LoggerFactory.getLogger(Workload.class);
  private static final long TASK_SWEEP_MS = 50;

  private final Vertx vertx;
  private final Clock clock;
  private final Runnable changed;
  private final WorkerConfig config;
  private final Tools tools;
  private final TaskRuns tasks;
  private final LiveProviders providers;
  private final Jobs jobs;

  /**
   * @param changed is run when other models or tools are offered than before
   */
  Workload(
      Settings settings,
      Bus bus,
      String nodeId,
      WorkerMetrics metrics,
      Runnable changed,
      Clock clock) {
    this.vertx = bus.vertx();
    this.clock = clock;
    this.changed = changed;
    this.config = new WorkerConfig(settings);
    this.tools = new Tools(changed);
    tools.off(settings.get(AdminSettings.TOOLS_OFF));
    this.tasks = new TaskRuns(config.tasks(nodeId), tools, bus, System::nanoTime);
    this.providers = new LiveProviders(providersOf(config));
    this.jobs =
        new Jobs(
            config.jobs(nodeId),
            bus,
            vertx.getOrCreateContext(),
            providers::call,
            job -> metrics.started(job.kind(), modelOf(job.model())),
            System::nanoTime);
  }

  private Providers providersOf(WorkerConfig source) {
    return source.providers(
        vertx,
        clock,
        models -> {
          offerDemoTools(source);
          changed.run();
        });
  }

  /** Looks for the models. */
  Future<Void> start() {
    return providers.start().mapEmpty();
  }

  /** Takes tasks from now on. */
  void open() {
    offerDemoTools(config);
    vertx.setPeriodic(TASK_SWEEP_MS, id -> tasks.sweep());
  }

  /** What is sent to this node beside jobs, which go to {@link #jobs()}. */
  Inbox inbox() {
    return new Inbox().listen(TaskMessage.class, tasks::receive);
  }

  /**
   * Makes settings hold; what may fail comes first.
   *
   * @param other the names of those that are other than before
   */
  Future<Void> apply(Settings next, Set<String> other) {
    WorkerConfig newer = new WorkerConfig(next);
    Future<Void> served =
        newer.providersAreOther(other)
            ? providers.replace(providersOf(newer))
            : Future.succeededFuture();
    return served.onSuccess(
        v -> {
          jobs.limit(next.get(Catalogue.WORKER_MAX_CONCURRENT));
          tasks.limit(next.get(Catalogue.WORKER_MAX_CONCURRENT));
          tools.off(next.get(AdminSettings.TOOLS_OFF));
        });
  }

  /**
   * Takes nothing new.
   *
   * @return when the last job and task are over
   */
  Future<?> drain() {
    return Future.all(jobs.drain(), tasks.drain());
  }

  /** The same, for so long at most; what is not over then is told in the log. */
  Future<?> drain(Duration patience) {
    return drain()
        .timeout(Math.max(1, patience.toMillis()), TimeUnit.MILLISECONDS)
        .onFailure(
            late ->
                log.warn(
                    "{} jobs and {} tasks did not end in time and are cut off,"
                        + " {} results were not taken by a hub",
                    jobs.stats().active(),
                    tasks.active(),
                    tasks.unacknowledged()));
  }

  void resume() {
    jobs.resume();
    tasks.resume();
  }

  boolean isDraining() {
    return jobs.isDraining();
  }

  /** No hub can be reached any more: what they were given to do has nobody to answer to. */
  void cutOff(String why) {
    jobs.cutOff(why);
  }

  Future<Void> close() {
    return providers.close();
  }

  Jobs jobs() {
    return jobs;
  }

  Tools tools() {
    return tools;
  }

  LiveProviders providers() {
    return providers;
  }

  NodeStats stats() {
    return jobs.stats();
  }

  @Override
  public List<ModelInfo> models() {
    return providers.models();
  }

  @Override
  public void give(JobMessage message) {
    jobs.receive(message);
  }

  List<ProviderSeen> providersSeen() {
    List<ProviderSeen> seen = new ArrayList<>();
    for (Providers.Status status : providers.status()) {
      seen.add(
          new ProviderSeen(
              status.name(), status.models(), status.problem() == null, status.problem()));
    }
    return seen;
  }

  private void offerDemoTools(WorkerConfig source) {
    if (source.demoTools(providers.models())) {
      tools.add(DemoTools.of(vertx));
    } else {
      DemoTools.of(vertx).forEach(tool -> tools.remove(tool.name()));
    }
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
