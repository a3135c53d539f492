package io.muster.hub.task;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.task.TaskNews;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where tasks come in, and where what is said of them comes in. Everything goes to the database
 * first; what is in memory follows what was committed, by this hub or by others. Used on the hub's
 * event loop.
 */
final class TaskDesk {
  private static final Logger log = LoggerFactory.getLogger(TaskDesk.class);
  private static final long RELOAD_MS = 1_000;
  private static final long FULL_RETRY_MS = 1_000;

  private final String hubId;
  private final TaskOptions options;
  private final OpenTasks tasks;
  private final GroupCommit writes;
  private final TaskStore store;
  private final Attempts attempts;
  private final TaskWatchers watchers;
  private final Consumer<TaskNews> publish;
  private final BiConsumer<String, Map<String, Object>> events;
  private final Attempts.Outside outside;
  private final TaskMeters meters;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private int adding;

  /**
   * @param publish to all hubs
   * @param events emits one
   */
  TaskDesk(
      String hubId,
      TaskOptions options,
      OpenTasks tasks,
      GroupCommit writes,
      TaskStore store,
      Attempts attempts,
      TaskWatchers watchers,
      Consumer<TaskNews> publish,
      BiConsumer<String, Map<String, Object>> events,
      Attempts.Outside outside,
      TaskMeters meters,
      Clock clock,
      LongSupplier nanoTime) {
    this.hubId = hubId;
    this.options = options;
    this.tasks = tasks;
    this.writes = writes;
    this.store = store;
    this.attempts = attempts;
    this.watchers = watchers;
    this.publish = publish;
    this.events = events;
    this.outside = outside;
    this.meters = meters;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /**
   * Takes a task.
   *
   * @return what it is, once it is committed; fails with {@link Failure#QUEUE_FULL}
   */
  Future<Write.Added> submit(TaskSpec spec) {
    if (tasks.waiting() + adding >= options.queueSize()) {
      return Future.failedFuture(
          Fault.of(
                  Failure.QUEUE_FULL,
                  options.queueSize() + " tasks wait already: come back later",
                  FULL_RETRY_MS)
              .asException());
    }
    adding++;
    return writes
        .write(new Write.Add(spec))
        .onComplete(done -> adding--)
        .onSuccess(
            added -> {
              if (added.created()) {
                created(added.task());
              }
            });
  }

  private void created(TaskView task) {
    meters.created();
    emit("task_created", task.spec().id(), task.spec().toolName(), null, Map.of());
    if (task.status().isFinal()) {
      meters.ended(task.status());
      ended(task.spec().id(), task.spec().toolName(), null, task.status());
    } else {
      hold(task);
    }
  }

  /** Sees to a task of this hub from now on, wherever it is; again is harmless. */
  void hold(TaskView view) {
    if (view.status().isFinal()
        || !hubId.equals(view.hubId())
        || tasks.find(view.spec().id()) != null) {
      return;
    }
    OpenTask task = new OpenTask(view.spec().light());
    task.attempt = view.attempt();
    task.notBefore = view.notBefore();
    task.since = nanoTime.getAsLong();
    tasks.add(task);
    if (view.status() == TaskStatus.QUEUED) {
      attempts.queue(task);
    } else if (view.status() == TaskStatus.RUNNING) {
      tasks.onNode(task, view.nodeId(), view.instance());
      task.begunAt = task.since;
      task.queuedAt = task.since;
      task.args = view.spec().args();
      task.adopted = true;
    }
  }

  /** Takes a task's row for what it is, after this hub took it for something else. */
  void reload(String taskId) {
    read(
        taskId,
        task -> {
          if (task.status().isFinal()) {
            // Another hub has ended it, whose news is lost or still to come.
            meters.ended(task.status());
            ended(taskId, task.spec().toolName(), task.nodeId(), task.status());
          } else {
            hold(task);
          }
        });
  }

  private void read(String taskId, Consumer<TaskView> then) {
    store
        .find(taskId)
        .onSuccess(found -> found.ifPresent(then))
        .onFailure(cause -> outside.later(RELOAD_MS, () -> read(taskId, then)));
  }

  /**
   * Holds this hub's tasks against what the database says of them, since news between hubs, and the
   * answer to a commit, may get lost.
   *
   * @param committed the status of each open task of this hub, by its id
   * @param askedAt nanoseconds, before it was read
   */
  void compare(Map<String, TaskStatus> committed, long askedAt) {
    List<OpenTask> wrong = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (OpenTask task : tasks.all()) {
      if (!task.agreesWith(committed.get(task.spec.id()), askedAt)) {
        wrong.add(task);
      }
    }
    committed.keySet().stream().filter(id -> tasks.find(id) == null).forEach(unknown::add);
    if (!wrong.isEmpty()) {
      log.info("{} tasks are not what this hub took them for", wrong.size());
    }
    wrong.forEach(attempts::forget);
    unknown.forEach(id -> read(id, this::hold));
  }

  /**
   * What a node said.
   *
   * @return once it is committed; fails with {@link Failure#CONFLICT} when it does not count
   */
  Future<Ack> report(TaskReport report) {
    if (report instanceof TaskReport.Result result) {
      return result(result);
    }
    OpenTask task = tasks.find(report.taskId());
    if (task != null && task.isFenced(report.attempt(), report.nodeId())) {
      return Future.failedFuture(fenced(report).asException());
    }
    byte[] progress = report instanceof TaskReport.Progress said ? said.data() : null;
    TaskNews.Change change =
        new TaskNews.Change(
            report.taskId(),
            null,
            TaskStatus.RUNNING.label(),
            report.attempt(),
            null,
            report.nodeId(),
            0,
            progress);
    apply(change);
    // Its holder may be another hub.
    publish.accept(new TaskNews(hubId, List.of(change)));
    return Future.succeededFuture(Ack.OK);
  }

  private Future<Ack> result(TaskReport.Result report) {
    Outcome outcome =
        report.succeeded()
            ? Outcome.completed(Json.text(report.result()))
            : Outcome.of(report.error());
    if (outcome.kind() == Outcome.Kind.REFUSED) {
      tasks.rest(report.nodeId(), nanoTime.getAsLong());
    }
    return writes
        .write(new Write.Settle(report.taskId(), report.attempt(), report.nodeId(), outcome))
        .compose(
            settled -> {
              OpenTask task = tasks.find(report.taskId());
              if (settled != Write.Settled.APPLIED
                  && task != null
                  && task.isRunning(report.attempt(), report.nodeId())) {
                // It was committed, and nobody heard of it.
                attempts.forget(task);
              }
              switch (settled) {
                case APPLIED -> meters.attempted(outcome.kind());
                case REPEATED -> log.debug("task {} was told again", report.taskId());
                case FENCED -> {
                  meters.fenced();
                  log.info(
                      "node {}'s result of attempt {} of task {} comes too late",
                      report.nodeId(),
                      report.attempt(),
                      report.taskId());
                  return Future.failedFuture(fenced(report).asException());
                }
                case UNKNOWN -> {
                  meters.unknown();
                  log.info("node {} ran an unknown task {}", report.nodeId(), report.taskId());
                  return Future.failedFuture(fenced(report).asException());
                }
                default -> throw new IllegalStateException(settled.name());
              }
              return Future.succeededFuture(Ack.OK);
            });
  }

  private static Fault fenced(TaskReport report) {
    return Fault.of(
        Failure.CONFLICT,
        "attempt %d of task %s does not count any more"
            .formatted(report.attempt(), report.taskId()));
  }

  /**
   * Ends a task that has not ended.
   *
   * @return what it was before
   */
  Future<Write.Cancelled> cancel(String taskId, String reason) {
    return writes
        .write(new Write.Cancel(taskId, reason))
        .onSuccess(
            cancelled ->
                cancelled
                    .running()
                    .ifPresent(run -> attempts.abort(run.nodeId(), taskId, run.attempt(), reason)));
  }

  /** Tries a dead or failed task again. */
  Future<Write.Revived> revive(String taskId) {
    return writes.write(new Write.Revive(taskId));
  }

  /** What this hub has committed. */
  void committed(List<TaskNews.Change> changes) {
    if (changes.isEmpty()) {
      return;
    }
    changes.forEach(this::apply);
    publish.accept(new TaskNews(hubId, changes));
  }

  /** What some hub has committed. */
  void hear(TaskNews news) {
    if (!news.hubId().equals(hubId)) {
      news.changes().forEach(this::apply);
    }
  }

  private void apply(TaskNews.Change change) {
    OpenTask task = tasks.find(change.taskId());
    Optional<TaskStatus> status = TaskStatus.of(change.status());
    if (change.progress() == null && status.isPresent()) {
      if (status.get().isFinal()) {
        if (task != null) {
          finish(task, change, status.get());
        }
      } else if (status.get() == TaskStatus.RUNNING) {
        if (task != null) {
          running(task, change);
        }
      } else if (hubId.equals(change.holder())) {
        waits(task, change, status.get());
      } else if (task != null) {
        tasks.remove(task);
      }
    }
    watchers.tell(change);
  }

  private void finish(OpenTask task, TaskNews.Change change, TaskStatus status) {
    tasks.remove(task);
    meters.ended(status);
    ended(task.spec.id(), task.spec.toolName(), change.nodeId(), status);
    attempts.schedule();
  }

  private void running(OpenTask task, TaskNews.Change change) {
    if (change.holder() != null && !change.holder().equals(hubId)) {
      // Another hub has taken it over meanwhile.
      tasks.remove(task);
    } else if (change.holder() != null) {
      emit(
          "task_assigned",
          task.spec.id(),
          task.spec.toolName(),
          change.nodeId(),
          Map.of("attempt", change.attempt()));
    } else if (task.isRunning(change.attempt(), change.nodeId()) && !task.accepted) {
      task.accepted = true;
      task.adopted = false;
      task.args = null;
      emit(
          "task_started",
          task.spec.id(),
          task.spec.toolName(),
          change.nodeId(),
          Map.of("attempt", change.attempt()));
    }
  }

  private void waits(OpenTask task, TaskNews.Change change, TaskStatus status) {
    if (task == null) {
      // It was another hub's, or ended once.
      read(change.taskId(), this::hold);
    } else if (status == TaskStatus.QUEUED && change.attempt() >= task.attempt) {
      task.attempt = change.attempt();
      task.notBefore = change.notBefore();
      attempts.queue(task);
    }
  }

  private void ended(String id, String tool, String nodeId, TaskStatus status) {
    String type =
        switch (status) {
          case COMPLETED -> "task_completed";
          case CANCELLED -> "task_cancelled";
          case DEAD -> "task_dead_lettered";
          default -> "task_failed";
        };
    emit(type, id, tool, nodeId, Map.of("status", status.label()));
  }

  private void emit(String type, String id, String tool, String nodeId, Map<String, Object> more) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("taskId", id);
    data.put("toolName", tool);
    if (nodeId != null) {
      data.put("nodeId", nodeId);
    }
    data.putAll(more);
    data.put("timestamp", clock.millis());
    events.accept(type, data);
  }

  /** Tasks that wait at this hub. */
  int waiting() {
    return tasks.waiting();
  }

  /** Why a task waits, for people. */
  String reason(TaskView task) {
    if (task.status() == TaskStatus.WAITING) {
      return "it depends on tasks that have not ended";
    }
    return task.notBefore() > clock.millis()
        ? "its last attempt failed, it is tried again soon"
        : task.spec().needs().describe();
  }
}
