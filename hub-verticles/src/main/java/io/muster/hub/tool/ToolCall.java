package io.muster.hub.tool;

import io.vertx.core.Future;
import java.util.function.Consumer;

/** A tool that was called; used on the hub's event loop. */
public interface ToolCall {
  /**
   * What came of it. Fails only where the hub itself cannot go on (no database, too many tasks
   * wait); whatever the tool or its node did is a {@link ToolResult}.
   */
  Future<ToolResult> result();

  /**
   * Has it run with each word of progress from now on, a JSON value as the tool said it. Words may
   * get lost, the result does not.
   */
  default void onProgress(Consumer<Object> listener) {}

  /** Nobody wants the result any more: the tool is stopped on its node. Harmless when it ended. */
  void cancel(String reason);
}
