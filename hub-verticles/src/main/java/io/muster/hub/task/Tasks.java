package io.muster.hub.task;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.event.Events;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.Node;
import io.muster.hub.storage.Database;
import io.muster.node.NodeState;
import io.muster.task.TaskMessage;
import io.muster.task.TaskNews;
import io.muster.task.TaskReport;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks at this hub: what they are made of, and what the rest of the hub sees of them. Made and
 * used on the hub's event loop.
 */
public final class Tasks {
  private static final Logger log = LoggerFactory.getLogger(Tasks.class);

  private static final long SWEEP_MS = 250;
  private static final long COMPARE_MS = 30_000;
  private static final long FORGET_MS = 60_000;
  private static final long SCALE_MS = 1_000;

  /** Writes in one transaction: enough to make each cheap, few enough to be soon done. */
  private static final int WRITES_AT_ONCE = 512;

  private final Vertx vertx;
  private final Bus bus;
  private final Database database;
  private final TaskOptions options;
  private final Fleet fleet;
  private final Clock clock;
  private final OpenTasks tasks;
  private final TaskStore store;
  private final GroupCommit writes;
  private final TaskWatchers watchers = new TaskWatchers();
  private final Attempts attempts;
  private final TaskDesk desk;
  private final AwaitedTasks awaited;
  private final Leases leases;
  private final TaskMeters meters;
  private final Events events;
  private final ScaleSignals signals;
  private final List<Long> timers = new ArrayList<>();
  private final List<Registration> registrations = new ArrayList<>();

  /**
   * The nodes as this hub sees them.
   *
   * @param takers those that are alive and take new work
   * @param find one by its id, whatever its state; null where it is not known
   * @param tags of a node
   */
  public record Fleet(
      Supplier<List<Node>> takers,
      Function<String, Node> find,
      Function<String, Set<String>> tags) {}

  public Tasks(
      Vertx vertx,
      Bus bus,
      Database database,
      String hubId,
      TaskOptions options,
      Fleet fleet,
      Events events,
      MeterRegistry registry,
      Clock clock) {
    this.vertx = vertx;
    this.bus = bus;
    this.database = database;
    this.options = options;
    this.fleet = fleet;
    this.events = events;
    this.clock = clock;
    this.tasks = new OpenTasks(options.ageStepMs());
    this.store = new TaskStore(database, hubId, options, clock);
    this.meters = new TaskMeters(registry);
    this.signals = new ScaleSignals(options.scaleOutQueue());
    Attempts.Outside outside = onBus();
    this.writes =
        new GroupCommit(
            database,
            hubId,
            new RetryRule(
                options.backoffMs(),
                options.backoffMaxMs(),
                options.maxLosses(),
                bound -> ThreadLocalRandom.current().nextInt(bound)),
            clock,
            WRITES_AT_ONCE,
            outside::soon,
            this::committed);
    this.attempts =
        new Attempts(
            hubId,
            options,
            tasks,
            fleet.takers(),
            fleet.find(),
            fleet.tags(),
            writes,
            outside,
            this::reload,
            meters,
            clock,
            System::nanoTime);
    this.desk =
        new TaskDesk(
            hubId,
            options,
            tasks,
            writes,
            store,
            attempts,
            watchers,
            news -> bus.publish(Addresses.TASK_NEWS, news),
            events::emit,
            outside,
            meters,
            clock,
            System::nanoTime);
    this.awaited =
        new AwaitedTasks(
            vertx,
            desk,
            store,
            watchers,
            options.maxArgsBytes(),
            clock,
            System::nanoTime,
            new SecureRandom());
    this.leases = new Leases(store, this::dropAll, taken -> taken.forEach(desk::hold));
    meters.gauges(tasks::waiting, tasks::onNodes);
  }

  private void committed(List<TaskNews.Change> changes) {
    desk.committed(changes);
  }

  private void reload(String taskId) {
    desk.reload(taskId);
  }

  /** Looks for what this hub has missed. */
  void compare() {
    long asked = System.nanoTime();
    store
        .states()
        .onSuccess(committed -> desk.compare(committed, asked))
        .onFailure(cause -> log.warn("tasks cannot be looked at: {}", cause.getMessage()));
  }

  private void dropAll() {
    List.copyOf(tasks.all()).forEach(tasks::remove);
  }

  /**
   * Takes over what hubs before left, and begins.
   *
   * @param watchdog watches the registrations, so that a lost one is made anew
   */
  public Future<Void> start(Consumer<Registration> watchdog) {
    return leases
        .start()
        .compose(v -> bus.<TaskNews>listen(Addresses.TASK_NEWS, desk::hear))
        .onSuccess(registrations::add)
        .compose(v -> bus.<TaskReport, io.muster.bus.Ack>serve(Addresses.TASKS, desk::report))
        .onSuccess(registrations::add)
        .onSuccess(
            v -> {
              registrations.forEach(watchdog);
              every(SWEEP_MS, attempts::sweep);
              every(Math.max(1, options.leaseMs() / 3), leases::renew);
              if (!database.exclusive()) {
                every(Math.max(1, options.leaseMs() / 2), leases::look);
              }
              every(COMPARE_MS, this::compare);
              every(FORGET_MS, leases::forget);
              every(SCALE_MS, this::scale);
            })
        .mapEmpty();
  }

  private void every(long ms, Runnable action) {
    timers.add(vertx.setPeriodic(ms, id -> action.run()));
  }

  private void scale() {
    List<Node> takers = fleet.takers().get();
    List<String> idle =
        takers.stream()
            .filter(node -> isFree(node.state()) && node.active() == 0)
            .map(Node::id)
            .filter(id -> tasks.active(id) == 0)
            .toList();
    signals
        .look(System.nanoTime() / 1_000_000, tasks.queued(), takers.size(), idle)
        .ifPresent(signal -> events.emit(signal.type(), signal.data()));
  }

  private static boolean isFree(NodeState state) {
    return state == NodeState.ONLINE || state == NodeState.DEGRADED;
  }

  /**
   * Gives nothing more to nodes, writes what is still to be written, and lets the tasks go.
   *
   * @return always succeeds
   */
  public Future<Void> close() {
    timers.forEach(vertx::cancelTimer);
    awaited.close();
    attempts.stop();
    return writes.idle().eventually(store::leave).otherwiseEmpty();
  }

  /** A node, or a process of it, is gone: what it ran runs elsewhere. */
  public void nodeLost(String nodeId, String why) {
    attempts.nodeLost(nodeId, why);
  }

  /** Nodes came, or have more places. */
  public void nodesChanged() {
    if (tasks.queued() > 0) {
      attempts.schedule();
    }
  }

  /**
   * The routes of {@code /api/tasks}.
   *
   * @param guard lets administrators see what is pending
   */
  public ApiRoutes routes(AdminGuard guard) {
    return new TaskApi(
        desk,
        store,
        new TaskRequest(options, clock, new SecureRandom()),
        new TaskFollowers(vertx, store, watchers),
        guard);
  }

  /** For parts of the hub that wait for what a tool answers. */
  public AwaitedTasks awaited() {
    return awaited;
  }

  /** For nodes that speak JSON frames. */
  public SocketFeature socket() {
    return new TaskSocket(
        desk::report, (ms, action) -> vertx.setTimer(ms, id -> action.run()), meters::unknown);
  }

  private Attempts.Outside onBus() {
    Context context = vertx.getOrCreateContext();
    return new Attempts.Outside() {
      @Override
      public Future<Void> tell(String nodeId, TaskMessage message) {
        return bus.tell(Addresses.node(nodeId), (Record) message);
      }

      @Override
      public void later(long ms, Runnable action) {
        vertx.setTimer(Math.max(1, ms), id -> action.run());
      }

      @Override
      public void soon(Runnable action) {
        context.runOnContext(v -> action.run());
      }
    };
  }
}
