package io.muster.bench.nodes;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.HashMap;
import java.util.Map;

/** Brings together who asked for a task and the node that it arrives at, whoever knows first. */
final class Assignments {
  private final Map<String, Promise<Long>> tasks = new HashMap<>();

  /** A node has been given the task at that {@link System#nanoTime}. */
  void assigned(String taskId, long nanos) {
    promise(taskId).tryComplete(nanos);
  }

  /** When a node was given the task. */
  Future<Long> of(String taskId) {
    return promise(taskId).future();
  }

  void forget() {
    tasks.clear();
  }

  private Promise<Long> promise(String taskId) {
    return tasks.computeIfAbsent(taskId, id -> Promise.promise());
  }
}
