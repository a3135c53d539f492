package io.muster.hub.tool;

import io.vertx.core.Future;

/** A tool that was called; used on the hub's event loop. */
public interface ToolCall {
  /**
   * What came of it. Fails only where the hub itself cannot go on (no database, too many tasks
   * wait); whatever the tool or its node did is a {@link ToolResult}.
   */
  Future<ToolResult> result();

  /** Nobody wants the result any more: the tool is stopped on its node. Harmless when it ended. */
  void cancel(String reason);
}
