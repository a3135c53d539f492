package io.muster.hub.task;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** The attempts of a task before its last one, a JSON object a line; the newest are kept. */
final class PastAttempts {
  private static final int KEPT = 20;

  private PastAttempts() {}

  /** The lines with the present attempt added. */
  static String with(TaskView task, String outcome, long endedAt, String error) {
    List<String> lines = new ArrayList<>(task.attempts());
    lines.add(line(task, outcome, endedAt, error).encode());
    return text(lines.subList(Math.max(0, lines.size() - KEPT), lines.size()));
  }

  static String text(List<String> lines) {
    return lines.isEmpty() ? null : String.join("\n", lines);
  }

  /** The present attempt as the API shows it. */
  static JsonObject line(TaskView task, String outcome, long endedAt, String error) {
    return new JsonObject()
        .put("attempt", task.attempt())
        .put("nodeId", task.nodeId())
        .put("startedAt", task.startedAt())
        .put("endedAt", endedAt == 0 ? null : endedAt)
        .put("outcome", outcome)
        .put("error", Json.value(error));
  }

  /** What the last attempt of a task came to; null while it runs. */
  static String outcomeOf(TaskView task) {
    return switch (task.status()) {
      case COMPLETED -> Outcome.Kind.COMPLETED.label();
      case CANCELLED -> "cancelled";
      case FAILED, DEAD -> {
        String code = task.error() == null ? "" : new JsonObject(task.error()).getString("code");
        yield switch (code) {
          case "timeout" -> Outcome.Kind.TIMED_OUT.label();
          case "node_lost" -> Outcome.Kind.LOST.label();
          default -> Outcome.Kind.FAILED.label();
        };
      }
      default -> null;
    };
  }
}
