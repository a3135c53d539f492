package io.muster.hub.task;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** A task as the API shows it. Times are milliseconds since 1970; what is not known is null. */
final class TaskJson {
  private TaskJson() {}

  /** All of it. */
  static JsonObject whole(TaskView task) {
    return brief(task)
        .put("toolArgs", Json.value(task.spec().args()))
        .put("result", Json.value(task.result()))
        .put("attempts", attempts(task));
  }

  /** For lists: without arguments, result and attempts. */
  static JsonObject brief(TaskView task) {
    TaskSpec spec = task.spec();
    return new JsonObject()
        .put("taskId", spec.id())
        .put("status", task.status().label())
        .put("toolName", spec.toolName())
        .put("capability", spec.needs().capability())
        .put("nodeId", spec.needs().nodeId())
        .put("tags", array(spec.needs().tags().stream().sorted().toList()))
        .put("timeout", spec.timeoutMs())
        .put("priority", spec.priority())
        .put("retries", spec.retries())
        .put("dependsOn", array(spec.dependsOn()))
        .put("onDependencyFailure", spec.skips() ? "skip" : "fail")
        .put("idempotencyKey", spec.idempotencyKey())
        .put("createdAt", spec.createdAt())
        .put("startedAt", known(task.startedAt()))
        .put("endedAt", known(task.endedAt()))
        .put("notBefore", task.status() == TaskStatus.QUEUED ? known(task.notBefore()) : null)
        .put("assignedNodeId", task.nodeId())
        .put("attempt", task.attempt())
        .put("triesLeft", task.triesLeft())
        .put("error", Json.value(task.error()));
  }

  private static JsonArray attempts(TaskView task) {
    JsonArray attempts = new JsonArray();
    task.attempts().forEach(line -> attempts.add(new JsonObject(line)));
    boolean last = task.status() == TaskStatus.RUNNING || task.status().isFinal();
    if (last && task.attempt() > 0 && !isTold(task)) {
      attempts.add(
          PastAttempts.line(task, PastAttempts.outcomeOf(task), task.endedAt(), task.error()));
    }
    return attempts;
  }

  /** One that was cancelled between two attempts, or revived: its last one is among the past. */
  private static boolean isTold(TaskView task) {
    List<String> past = task.attempts();
    return !past.isEmpty()
        && new JsonObject(past.get(past.size() - 1)).getLong("attempt", 0L) == task.attempt();
  }

  private static JsonArray array(List<String> texts) {
    return new JsonArray(texts);
  }

  private static Long known(long value) {
    return value > 0 ? value : null;
  }
}
