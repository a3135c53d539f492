package io.muster.task;

/**
 * Why an attempt did not succeed.
 *
 * @param code for programs, {@code timeout}, {@code tool_failed}; never null
 * @param message for people; holds no secret
 * @param details JSON text, null when there is none
 * @param retryable whether another attempt may do better
 */
public record TaskError(String code, String message, String details, boolean retryable) {
  /** The node has no place for it now, or takes nothing new: the task goes elsewhere. */
  public static final String BUSY = "node_busy";

  /** The tool did not end within the task's time-out. */
  public static final String TIMEOUT = "timeout";

  /** The node offers no such tool. */
  public static final String NO_TOOL = "tool_not_found";

  /** The tool itself failed. */
  public static final String TOOL_FAILED = "tool_failed";

  /** The node is gone. */
  public static final String NODE_LOST = "node_lost";

  public static TaskError of(String code, String message) {
    return new TaskError(code, message, null, true);
  }

  /** One that every further attempt would meet again. */
  public static TaskError lasting(String code, String message) {
    return new TaskError(code, message, null, false);
  }
}
