package io.muster.hub.task;

import java.util.List;

/**
 * A task as the database has it.
 *
 * @param attempt the number of the last attempt, 0 before the first
 * @param triesLeft how often it may still fail
 * @param losses how often its node was lost
 * @param hubId who sees to it, null once it has ended
 * @param nodeId of the last attempt, null before the first
 * @param instance the process of that node
 * @param notBefore milliseconds since 1970 before which no attempt begins
 * @param attempts those before the last, a JSON object each
 * @param result JSON, null unless completed
 * @param error JSON, null when there is none
 * @param startedAt milliseconds since 1970, of the last attempt; 0 before the first
 * @param endedAt milliseconds since 1970; 0 while it has not ended
 */
record TaskView(
    TaskSpec spec,
    TaskStatus status,
    long attempt,
    int triesLeft,
    int losses,
    String hubId,
    String nodeId,
    String instance,
    long notBefore,
    List<String> attempts,
    String result,
    String error,
    long startedAt,
    long endedAt) {

  /** One that was just made. */
  static TaskView created(TaskSpec spec, TaskStatus status, String hubId) {
    return new TaskView(
        spec, status, 0, spec.retries(), 0, hubId, null, null, 0, List.of(), null, null, 0, 0);
  }
}
