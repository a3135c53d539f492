package io.muster.task;

/**
 * What a node says of one attempt, asked at {@link io.muster.bus.Addresses#TASKS} of any hub. The
 * reply is {@link io.muster.bus.Ack} when it counts and is committed; {@link
 * io.muster.bus.Failure#CONFLICT} when the attempt is not the present one any more: it is to be
 * forgotten then. Anything else means: say it again later.
 */
public sealed interface TaskReport {
  /** Who says it. */
  String nodeId();

  String taskId();

  long attempt();

  /** The node has it and works on it; said of what takes longer than a moment. */
  record Accepted(String nodeId, String taskId, long attempt) implements TaskReport {}

  /**
   * How far it is; passed on to whoever watches, not kept.
   *
   * @param data JSON, UTF-8
   */
  record Progress(String nodeId, String taskId, long attempt, byte[] data) implements TaskReport {}

  /**
   * It ended; repeated until it is acknowledged.
   *
   * @param result JSON, UTF-8; null where it failed
   * @param error null where it succeeded
   * @param executionMs milliseconds that the tool took
   */
  record Result(
      String nodeId, String taskId, long attempt, byte[] result, TaskError error, long executionMs)
      implements TaskReport {
    public boolean succeeded() {
      return error == null;
    }
  }
}
