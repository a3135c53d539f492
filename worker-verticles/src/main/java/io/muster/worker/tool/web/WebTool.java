package io.muster.worker.tool.web;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.CheckedTool;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeoutException;

/** A tool that asks the web: within its time, given up with its task, its failures in words. */
abstract class WebTool extends CheckedTool {
  private final long timeoutMs;

  WebTool(String name, String description, JsonObject schema, long timeoutMs) {
    super(name, description, schema);
    this.timeoutMs = timeoutMs;
  }

  @Override
  protected final Future<Object> checked(JsonObject args, ToolContext context) {
    Web.Running running = new Web.Running();
    context.whenOver(running::stop);
    return ask(args, Math.min(timeoutMs, context.leftMs()), running)
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  /**
   * Does it.
   *
   * @param leftMs for all of it
   */
  abstract Future<Object> ask(JsonObject args, long leftMs, Web.Running running);

  private static Throwable failure(Throwable cause) {
    if (cause instanceof ToolException) {
      return cause;
    }
    if (cause instanceof TimeoutException) {
      return new ToolException(TaskError.of("timeout", "the server did not answer in time"));
    }
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new ToolException(
        TaskError.of(
            "fetch_failed", "the server could not be read: " + why.replaceAll("\\s+", " ")));
  }
}
