package io.muster.hub.mcp;

import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.ToolCall;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Runs {@code tools/call}, whatever the version of the protocol. Used on the event loop. */
final class McpCalls {
  private final Vertx vertx;
  private final FleetTools tools;
  private final Options options;
  private int running;

  /**
   * @param most calls at once
   * @param streamAfterMs after which a call that is not over is answered as a stream
   */
  record Options(int most, Duration timeout, long streamAfterMs) {}

  McpCalls(Vertx vertx, FleetTools tools, Options options) {
    this.vertx = vertx;
    this.tools = tools;
    this.options = options;
  }

  /**
   * Calls a tool and answers.
   *
   * @param dress makes the result one of the version
   * @param over is run when the call has ended, however
   * @return cancels it, without an answer
   * @throws Rpc.Failure when it cannot be
   */
  Runnable call(
      Rpc rpc, ApiCall http, McpReply reply, UnaryOperator<JsonObject> dress, Runnable over) {
    String name = name(rpc);
    Object args = rpc.params().getValue("arguments");
    if (args != null && !(args instanceof JsonObject)) {
      throw new Rpc.Failure(400, Rpc.INVALID_PARAMS, "'arguments' has to be an object.");
    }
    if (tools.find(name).isEmpty()) {
      throw new Rpc.Failure(200, Rpc.INVALID_PARAMS, "Unknown tool: " + name);
    }
    if (running >= options.most()) {
      throw new Rpc.Failure(
          429, Rpc.INTERNAL_ERROR, "The hub runs as many calls as it may (MCP_MAX_CALLS).");
    }
    ToolCall call =
        tools.call(
            name,
            args == null ? new JsonObject() : (JsonObject) args,
            options.timeout(),
            http.caller());
    running++;
    Object token = rpc.meta().getValue("progressToken");
    if (token instanceof String || token instanceof Number) {
      reply.stream();
      Progress progress = new Progress(token);
      call.onProgress(told -> reply.notify(progress.of(told)));
    }
    long patience =
        options.streamAfterMs() > 0
            ? vertx.setTimer(options.streamAfterMs(), id -> reply.stream())
            : -1;
    boolean[] cancelled = {false};
    call.result()
        .onComplete(
            ended -> {
              running--;
              vertx.cancelTimer(patience);
              over.run();
              if (cancelled[0]) {
                reply.finish(202);
              } else if (ended.succeeded()) {
                reply.finish(200, rpc.result(dress.apply(ToolContent.of(ended.result()))));
              } else {
                ApiErrors.Said said = ApiErrors.said(ended.cause());
                reply.finish(
                    ApiErrors.status(ended.cause()),
                    new Rpc.Failure(500, Rpc.INTERNAL_ERROR, said.message()).toJson(rpc.id()));
              }
            });
    Runnable cancel =
        () -> {
          cancelled[0] = true;
          call.cancel("the client does not want it any more");
        };
    http.whenGone(
        () -> {
          reply.gone();
          cancel.run();
        });
    return cancel;
  }

  /** Which tool is called. */
  static String name(Rpc rpc) {
    if (rpc.params().getValue("name") instanceof String name && !name.isEmpty()) {
      return name;
    }
    throw new Rpc.Failure(400, Rpc.INVALID_PARAMS, "'name' has to be the name of a tool.");
  }
}
