package io.muster.hub.task;

import io.muster.hub.node.Node;
import io.muster.node.NodeState;
import io.muster.task.TaskMessage;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives tasks to nodes, and sees to those that they have: tells again what may not have arrived,
 * and ends attempts whose node is gone or whose time is over. Used on the hub's event loop.
 */
final class Attempts {
  private static final Logger log = LoggerFactory.getLogger(Attempts.class);
  private static final long MS = 1_000_000;

  /** A node says within a fraction of a second that it has a task which is not done by then. */
  private static final long TELL_AGAIN_MS = 2_000;

  /** Nodes keep the time themselves; this hub ends what they do not, after so much more. */
  private static final long OVERTIME_MS = 2_000;

  /** What it needs of the world. */
  interface Outside {
    /** See {@link io.muster.bus.Bus#tell}. */
    Future<Void> tell(String nodeId, TaskMessage message);

    void later(long ms, Runnable action);

    void soon(Runnable action);
  }

  private final String hubId;
  private final TaskOptions options;
  private final OpenTasks tasks;
  private final Supplier<List<Node>> fleet;
  private final Function<String, Node> nodes;
  private final Function<String, Set<String>> tags;
  private final GroupCommit writes;
  private final Outside outside;
  private final Consumer<String> reload;
  private final TaskMeters meters;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private boolean scheduled;
  private boolean stopped;

  /**
   * @param fleet the nodes that are alive and take new work
   * @param nodes one by its id, whatever its state; null where it is not known
   * @param tags of a node
   * @param reload is told of a task whose row is not what this hub took it for
   */
  Attempts(
      String hubId,
      TaskOptions options,
      OpenTasks tasks,
      Supplier<List<Node>> fleet,
      Function<String, Node> nodes,
      Function<String, Set<String>> tags,
      GroupCommit writes,
      Outside outside,
      Consumer<String> reload,
      TaskMeters meters,
      Clock clock,
      LongSupplier nanoTime) {
    this.hubId = hubId;
    this.options = options;
    this.tasks = tasks;
    this.fleet = fleet;
    this.nodes = nodes;
    this.tags = tags;
    this.writes = writes;
    this.outside = outside;
    this.reload = reload;
    this.meters = meters;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** Something may go to a node now that could not before. */
  void schedule() {
    if (!scheduled && !stopped) {
      scheduled = true;
      outside.soon(this::assign);
    }
  }

  /** It waits for a node from now on, or from when its time has come. */
  void queue(OpenTask task) {
    long millis = clock.millis();
    task.since = nanoTime.getAsLong();
    tasks.queue(task, task.since, millis);
    if (task.notBefore > millis) {
      outside.later(task.notBefore - millis, this::schedule);
    } else {
      schedule();
    }
  }

  /** Gives nothing more to nodes. */
  void stop() {
    stopped = true;
  }

  private void assign() {
    scheduled = false;
    if (stopped) {
      return;
    }
    long now = nanoTime.getAsLong();
    tasks.wake(now, clock.millis());
    if (tasks.queued() > 0) {
      tasks.assign(fleet.get(), tags, now, this::claim);
    }
  }

  private void claim(OpenTask task, Node node) {
    long attempt = task.attempt + 1;
    String id = task.spec.id();
    writes
        .write(
            new Write.Claim(task.spec, attempt, node.id(), node.info().instance(), clock.millis()))
        .onSuccess(
            claimed -> {
              if (tasks.find(id) != task || task.place != OpenTask.Place.CLAIMING) {
                return;
              }
              if (!claimed.ok()) {
                forget(task);
                return;
              }
              task.place = OpenTask.Place.RUNNING;
              task.attempt = attempt;
              task.begunAt = nanoTime.getAsLong();
              task.since = task.begunAt;
              task.args = claimed.args();
              if (attempt == 1) {
                meters.dispatched(task.begunAt - task.queuedAt);
              }
              tell(task);
            })
        .onFailure(
            cause -> {
              // Not at once again: what the database refuses it refuses the next time, too.
              tasks.rest(node.id(), nanoTime.getAsLong());
              if (tasks.find(id) == task) {
                // Perhaps it was committed all the same.
                forget(task);
              }
            });
  }

  /** Its row is not what this hub took it for. */
  void forget(OpenTask task) {
    tasks.remove(task);
    schedule();
    reload.accept(task.spec.id());
  }

  private void tell(OpenTask task) {
    task.toldAt = nanoTime.getAsLong();
    long attempt = task.attempt;
    TaskSpec spec = task.spec;
    outside
        .tell(
            task.nodeId,
            new TaskMessage.Assign(
                hubId,
                spec.id(),
                attempt,
                spec.toolName(),
                task.args.getBytes(StandardCharsets.UTF_8),
                spec.timeoutMs(),
                spec.priority()))
        .onFailure(
            cause -> {
              // One that was taken over is on the node already, most likely: tried for a while.
              if (isOn(task, attempt) && !task.accepted && !task.adopted) {
                tasks.rest(task.nodeId, nanoTime.getAsLong());
                settle(task, Outcome.undelivered(cause.getMessage()));
              }
            });
  }

  private boolean isOn(OpenTask task, long attempt) {
    return tasks.find(task.spec.id()) == task
        && task.place == OpenTask.Place.RUNNING
        && task.attempt == attempt;
  }

  /** The node, or a process of it, is gone. */
  void nodeLost(String nodeId, String why) {
    for (OpenTask task : tasks.running()) {
      if (nodeId.equals(task.nodeId)) {
        settle(task, Outcome.lost("the node is gone: " + why));
      }
    }
  }

  /** Looks after all that nodes have; called a few times a second. */
  void sweep() {
    if (stopped) {
      return;
    }
    long now = nanoTime.getAsLong();
    for (OpenTask task : tasks.running()) {
      if (!task.settling) {
        look(task, now);
      }
    }
    if (tasks.queued() > 0) {
      schedule();
    }
  }

  private void look(OpenTask task, long now) {
    long ageMs = (now - task.begunAt) / MS;
    if (ageMs > task.spec.timeoutMs() + OVERTIME_MS) {
      abort(task.nodeId, task.spec.id(), task.attempt, "its time is over");
      settle(task, Outcome.timedOut(task.spec.timeoutMs()));
      return;
    }
    Node node = nodes.apply(task.nodeId);
    if (node == null || node.state() == NodeState.OFFLINE) {
      // A node that goes is told of; one that a hub before this one knew may still come.
      if (ageMs > options.nodeGraceMs()) {
        settle(task, Outcome.lost("the node did not come back"));
      }
    } else if (!node.info().instance().equals(task.instance)) {
      settle(task, Outcome.lost("the node's process is another one now"));
    } else if (!task.accepted && (task.adopted || (now - task.toldAt) / MS > TELL_AGAIN_MS)) {
      tell(task);
    }
  }

  /** This hub ends the attempt. */
  void settle(OpenTask task, Outcome outcome) {
    if (task.settling) {
      return;
    }
    task.settling = true;
    long attempt = task.attempt;
    writes
        .write(new Write.Settle(task.spec.id(), attempt, null, outcome))
        .onSuccess(
            settled -> {
              if (settled == Write.Settled.APPLIED) {
                meters.attempted(outcome.kind());
              } else if (isOn(task, attempt)) {
                forget(task);
              }
            })
        .onFailure(
            cause -> {
              log.warn("the end of task {} is not stored: {}", task.spec.id(), cause.getMessage());
              // The next sweep, or the node, tries again.
              task.settling = false;
            });
  }

  /** Has the node stop it, as far as it can be told. */
  void abort(String nodeId, String taskId, long attempt, String reason) {
    outside
        .tell(nodeId, new TaskMessage.Abort(hubId, taskId, attempt, reason))
        .onFailure(
            cause ->
                log.debug("node {} is not told to stop {}: {}", nodeId, taskId, cause.toString()));
  }
}
