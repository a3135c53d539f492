package io.muster.hub.tool;

/**
 * What came of a call.
 *
 * @param value what the tool answered, a JSON value; null where it failed, too
 * @param error null where it succeeded
 * @param nodeId who ran it, null where it came to no node
 * @param taskId null where there was no task
 * @param elapsedMs milliseconds since the call
 */
public record ToolResult(
    Object value, Problem error, String nodeId, String taskId, long elapsedMs) {
  /**
   * Why it failed.
   *
   * @param code {@code timeout}, {@code tool_not_found}, {@code invalid_arguments}, {@code
   *     tool_failed} …
   * @param message for people and models; holds no secret
   */
  public record Problem(String code, String message) {}

  public boolean ok() {
    return error == null;
  }
}
