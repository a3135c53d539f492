package io.muster.task;

/**
 * What a hub tells a node about one attempt of a task, at {@link io.muster.bus.Addresses#node}. The
 * pair of task and attempt names it; a higher attempt makes every lower one void.
 */
public sealed interface TaskMessage {
  /** The hub that holds the task's lease. */
  String hubId();

  String taskId();

  /** 1, 2, 3 …; goes back with every report, and fences off whoever had an earlier one. */
  long attempt();

  /**
   * Run this. Told again while nothing is heard of it: a node that has it already goes on.
   *
   * @param toolArgs a JSON object, UTF-8
   * @param timeoutMs milliseconds from its arrival within which the tool has to be done
   * @param priority 0 to 10, higher first
   */
  record Assign(
      String hubId,
      String taskId,
      long attempt,
      String toolName,
      byte[] toolArgs,
      long timeoutMs,
      int priority)
      implements TaskMessage {}

  /** Stop it; no report is expected any more. */
  record Abort(String hubId, String taskId, long attempt, String reason) implements TaskMessage {}
}
