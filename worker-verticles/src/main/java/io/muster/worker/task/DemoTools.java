package io.muster.worker.task;

import io.muster.task.TaskError;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Two tools to try tasks with: one answers at once, one takes its time. */
public final class DemoTools {
  private static final long LONGEST_MS = 3_600_000;
  private static final long WORTH_TELLING_MS = 1_000;

  private DemoTools() {}

  public static List<Tool> of(Vertx vertx) {
    return List.of(new Echo(), new Sleep(vertx));
  }

  /** Gives its arguments back; fails when they say so. */
  private static final class Echo implements Tool {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public String description() {
      return "Gives its arguments back. With {\"fail\": \"why\"} it fails, and with \"retryable\":"
          + " false it says that trying again is of no use.";
    }

    @Override
    public JsonObject schema() {
      return new JsonObject()
          .put("type", "object")
          .put(
              "properties",
              new JsonObject()
                  .put("fail", new JsonObject().put("type", "string"))
                  .put("retryable", new JsonObject().put("type", "boolean")));
    }

    @Override
    public Future<Object> run(JsonObject args, ToolContext context) {
      if (args.getValue("fail") instanceof String why) {
        boolean retryable = !Boolean.FALSE.equals(args.getValue("retryable"));
        return Future.failedFuture(
            new ToolException(new TaskError(TaskError.TOOL_FAILED, why, null, retryable)));
      }
      return Future.succeededFuture(args);
    }
  }

  /** Does nothing for a while. */
  private record Sleep(Vertx vertx) implements Tool {
    @Override
    public String name() {
      return "sleep";
    }

    @Override
    public String description() {
      return "Waits for so many milliseconds, ms, and says how long it was, and in which attempt.";
    }

    @Override
    public JsonObject schema() {
      return new JsonObject()
          .put("type", "object")
          .put(
              "properties",
              new JsonObject()
                  .put(
                      "ms",
                      new JsonObject()
                          .put("type", "integer")
                          .put("minimum", 0)
                          .put("maximum", LONGEST_MS)))
          .put("required", List.of("ms"));
    }

    @Override
    public Future<Object> run(JsonObject args, ToolContext context) {
      if (!(args.getValue("ms") instanceof Number number)
          || number.longValue() < 0
          || number.longValue() > LONGEST_MS) {
        return Future.failedFuture(
            ToolException.invalid("'ms' has to be an integer from 0 to " + LONGEST_MS));
      }
      long ms = number.longValue();
      Promise<Object> done = Promise.promise();
      long timer =
          vertx.setTimer(
              Math.max(1, ms),
              id ->
                  done.tryComplete(
                      new JsonObject().put("slept", ms).put("attempt", context.attempt())));
      context.whenOver(() -> vertx.cancelTimer(timer));
      if (ms >= WORTH_TELLING_MS) {
        context.progress(new JsonObject().put("sleeping", ms));
      }
      return done.future();
    }
  }
}
