package io.muster.hub.task;

import io.muster.task.TaskNews;
import java.util.Optional;

/**
 * One change to a task in the database, on its way there together with others.
 *
 * @param <R> what comes of it, once it is committed
 */
sealed interface Write<R> {
  /** A new task. */
  record Add(TaskSpec spec) implements Write<Added> {}

  /** A node is about to get it: from here on this attempt, and no other, may report. */
  record Claim(TaskSpec spec, long attempt, String nodeId, String instance, long at)
      implements Write<Claimed> {}

  /**
   * An attempt ended.
   *
   * @param nodeId who says so; null when this hub does
   */
  record Settle(String taskId, long attempt, String nodeId, Outcome outcome)
      implements Write<Settled> {}

  /** It is not wanted any more. */
  record Cancel(String taskId, String reason) implements Write<Cancelled> {}

  /** A dead or failed one is tried again, from the beginning. */
  record Revive(String taskId) implements Write<Revived> {}

  /**
   * @param task the new one, or the one that has the same idempotency key
   * @param created whether it is the new one
   * @param missing what it depends on and is not there; then there is no task
   */
  record Added(TaskView task, boolean created, String missing) {}

  /**
   * @param ok false when the task is not to be had any more
   * @param args the tool's arguments
   */
  record Claimed(boolean ok, String args) {}

  /** What a report came to. */
  enum Settled {
    APPLIED,
    /** The same was said before. */
    REPEATED,
    /** The attempt is not the present one. */
    FENCED,
    UNKNOWN
  }

  /**
   * @param found false when there is no such task
   * @param before what it was
   * @param running the attempt that was under way, empty when there was none
   */
  record Cancelled(boolean found, TaskStatus before, Optional<TaskNews.Change> running) {}

  /**
   * @param found false when there is no such task
   * @param before what it was
   * @param blockedBy what it depends on and cannot come any more
   */
  record Revived(boolean found, TaskStatus before, String blockedBy) {}
}
