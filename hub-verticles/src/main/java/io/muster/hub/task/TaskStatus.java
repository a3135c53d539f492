package io.muster.hub.task;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a task is.
 *
 * <pre>
 *   WAITING ──what it depends on is done──▶ QUEUED ◀──tries left──┐
 *      │                                      │ ──a node has it──▶ RUNNING ──▶ COMPLETED
 *      │ what it depends on failed            │                      │
 *      ├──▶ FAILED | SKIPPED                  │                      ├──▶ FAILED  it cannot succeed
 *      └──▶ CANCELLED ◀───────────────────────┴──────────────────────┴──▶ DEAD    no tries left
 *                                  (DEAD | FAILED ──retried by a person──▶ QUEUED | WAITING)
 * </pre>
 */
enum TaskStatus {
  WAITING,
  QUEUED,
  RUNNING,
  COMPLETED,
  FAILED,
  SKIPPED,
  CANCELLED,
  DEAD;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** As in the API and in the database. */
  String label() {
    return label;
  }

  boolean isFinal() {
    return compareTo(COMPLETED) >= 0;
  }

  static Optional<TaskStatus> of(String label) {
    for (TaskStatus status : values()) {
      if (status.label.equals(label)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
