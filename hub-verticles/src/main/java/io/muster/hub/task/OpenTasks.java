package io.muster.hub.task;

import io.muster.hub.node.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The tasks that this hub sees to, in memory: which wait, which are delayed, which are on which
 * node. Pure; what it says is true as of the last commit.
 */
final class OpenTasks {
  /** A node that refused a task is left alone for so long. */
  private static final long REST_NANOS = 200_000_000L;

  private final Map<String, OpenTask> open = new HashMap<>();
  private final TaskQueue queue;
  private final PriorityQueue<OpenTask> delayed =
      new PriorityQueue<>(Comparator.comparingLong(task -> task.notBefore));
  private final Map<String, Integer> active = new HashMap<>();
  private final Map<String, Long> turns = new HashMap<>();
  private final Map<String, Long> resting = new HashMap<>();
  private long turn;
  private int onNodes;

  OpenTasks(long ageStepMs) {
    this.queue = new TaskQueue(ageStepMs);
  }

  OpenTask find(String id) {
    return open.get(id);
  }

  Collection<OpenTask> all() {
    return open.values();
  }

  /** Those that a node has. */
  List<OpenTask> running() {
    List<OpenTask> running = new ArrayList<>(onNodes);
    for (OpenTask task : open.values()) {
      if (task.place == OpenTask.Place.RUNNING) {
        running.add(task);
      }
    }
    return running;
  }

  /** Those that no node has. */
  int waiting() {
    return open.size() - onNodes;
  }

  /** Those that could go to a node now. */
  int queued() {
    return queue.size();
  }

  int onNodes() {
    return onNodes;
  }

  /** Sees to it from now on; it waits. */
  void add(OpenTask task) {
    open.put(task.spec.id(), task);
  }

  /** It waits for a node; from when its time has come. */
  void queue(OpenTask task, long now, long millis) {
    free(task);
    if (task.place == OpenTask.Place.QUEUED) {
      return;
    }
    if (task.notBefore > millis) {
      task.place = OpenTask.Place.WAITING;
      delayed.add(task);
    } else {
      queue.add(task, now);
    }
  }

  /** Puts those in the queue whose time has come. */
  void wake(long now, long millis) {
    while (!delayed.isEmpty() && delayed.peek().notBefore <= millis) {
      OpenTask task = delayed.poll();
      if (task.place == OpenTask.Place.WAITING && open.get(task.spec.id()) == task) {
        queue.add(task, now);
      }
    }
  }

  /** It is seen to no more. */
  void remove(OpenTask task) {
    if (open.remove(task.spec.id(), task)) {
      if (task.place == OpenTask.Place.QUEUED) {
        queue.remove(task);
      }
      free(task);
      task.place = OpenTask.Place.WAITING;
    }
  }

  /** A node that has it already. */
  void onNode(OpenTask task, String nodeId, String instance) {
    task.nodeId = nodeId;
    task.instance = instance;
    task.place = OpenTask.Place.RUNNING;
    onNodes++;
    active.merge(nodeId, 1, Integer::sum);
  }

  /** Its node has a free place again. */
  void free(OpenTask task) {
    if (task.isOnNode()) {
      onNodes--;
      active.computeIfPresent(task.nodeId, (id, count) -> count > 1 ? count - 1 : null);
      task.place = OpenTask.Place.WAITING;
    }
    task.accepted = false;
    task.adopted = false;
    task.settling = false;
    task.args = null;
  }

  /** The node does not want more now. */
  void rest(String nodeId, long now) {
    resting.put(nodeId, now + REST_NANOS);
  }

  /** Tasks that a node has of this hub. */
  int active(String nodeId) {
    return active.getOrDefault(nodeId, 0);
  }

  /**
   * Chooses nodes for those that wait.
   *
   * @param nodes that are alive and take new work
   * @param give is told each choice; the task counts as on its node by then
   */
  void assign(
      List<Node> nodes,
      Function<String, Set<String>> tags,
      long now,
      BiConsumer<OpenTask, Node> give) {
    resting.values().removeIf(until -> now - until >= 0);
    List<Node> awake =
        resting.isEmpty()
            ? nodes
            : nodes.stream().filter(node -> !resting.containsKey(node.id())).toList();
    NodeChoice choice = new NodeChoice(awake, tags, this::active, id -> turns.getOrDefault(id, 0L));
    queue.assign(
        now,
        choice::choose,
        (task, node) -> {
          turns.put(node.id(), ++turn);
          task.nodeId = node.id();
          task.instance = node.info().instance();
          onNodes++;
          active.merge(node.id(), 1, Integer::sum);
          give.accept(task, node);
        });
  }
}
