package io.muster.worker.mcp;

import io.modelcontextprotocol.client.McpAsyncClient;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator.ValidationResponse;
import io.modelcontextprotocol.spec.McpSchema;
import io.muster.task.TaskError;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** A session with one MCP server, from its beginning to its end. Used on the event loop. */
final class McpConnection {
  /** A call has its own time: this is only what the SDK wants to have. */
  private static final Duration LONGEST_CALL = Duration.ofDays(1);

  private static final Duration FAREWELL = Duration.ofSeconds(3);
  private static final Logger log = LoggerFactory.getLogger(McpConnection.class);

  private final Context context;
  private final WorkerExecutor blocking;
  private final OwnTransport transport;
  private final McpAsyncClient client;
  private final Duration timeout;
  private final ServerAddress server;
  private final Map<Object, ToolContext> running = new HashMap<>();
  private boolean closed;

  /**
   * @param changed is told the tools when they are others
   */
  private McpConnection(
      Context context,
      WorkerExecutor blocking,
      OwnTransport transport,
      ServerAddress server,
      String version,
      Duration timeout,
      Consumer<List<McpSchema.Tool>> changed) {
    this.server = server;
    this.context = context;
    this.blocking = blocking;
    this.transport = transport;
    this.timeout = timeout;
    this.client =
        McpClient.async(transport)
            .clientInfo(new McpSchema.Implementation("muster-worker", version))
            .initializationTimeout(timeout)
            .requestTimeout(LONGEST_CALL)
            .jsonSchemaValidator((schema, result) -> ValidationResponse.asValid(null))
            .toolsChangeConsumer(
                tools -> Mono.fromRunnable(() -> context.runOnContext(v -> tell(changed, tools))))
            .progressConsumer(
                told -> Mono.fromRunnable(() -> context.runOnContext(v -> progress(told))))
            .build();
  }

  /**
   * Begins, off the event loop: commands are started and names are looked up.
   *
   * @param changed is told the tools when they are others
   */
  static Future<McpConnection> open(
      Vertx vertx,
      WorkerExecutor blocking,
      ServerAddress server,
      String version,
      Duration timeout,
      int maxBytes,
      Consumer<List<McpSchema.Tool>> changed) {
    Context context = vertx.getOrCreateContext();
    return blocking.executeBlocking(
        () -> {
          McpConnection connection =
              new McpConnection(
                  context,
                  blocking,
                  Transports.to(server, timeout, maxBytes),
                  server,
                  version,
                  timeout,
                  changed);
          try {
            connection.client.initialize().block(timeout);
            return connection;
          } catch (RuntimeException e) {
            connection.end();
            throw e;
          }
        },
        false);
  }

  /** All pages of them. */
  Future<List<McpSchema.Tool>> tools() {
    return blocking.executeBlocking(
        () -> {
          McpSchema.ListToolsResult listed = client.listTools().block(timeout);
          return listed == null ? List.of() : listed.tools();
        },
        false);
  }

  /** Fails when it does not answer. */
  Future<Void> ping() {
    return blocking.executeBlocking(
        () -> {
          client.ping().block(timeout);
          return null;
        },
        false);
  }

  /** Not on the threads of calls: those may all be taken, or be gone already. */
  Future<Void> close() {
    closed = true;
    return context
        .owner()
        .executeBlocking(
            () -> {
              end();
              return null;
            },
            false);
  }

  /** In order where that works within moments, and in any case; blocks. */
  private void end() {
    try {
      client.closeGracefully().block(FAREWELL);
    } catch (RuntimeException e) {
      log.debug("{} does not end in order: {}", server, e.toString());
    }
    transport.endByForce();
  }

  /** What an old session says late is not what the next one offers. */
  private void tell(Consumer<List<McpSchema.Tool>> changed, List<McpSchema.Tool> tools) {
    if (!closed) {
      changed.accept(tools);
    }
  }

  Future<Object> call(String tool, JsonObject args, ToolContext caller) {
    String token = UUID.randomUUID().toString();
    Promise<Object> promise = Promise.promise();
    running.put(token, caller);
    Disposable call =
        client
            .callTool(
                new McpSchema.CallToolRequest(tool, args.getMap(), Map.of("progressToken", token)))
            .timeout(Duration.ofMillis(Math.max(1, caller.leftMs())))
            .subscribe(
                result -> context.runOnContext(v -> promise.tryComplete(result)),
                cause -> context.runOnContext(v -> promise.tryFail(cause)),
                () -> context.runOnContext(v -> promise.tryFail("the server did not answer")));
    caller.whenOver(
        () -> {
          if (!promise.future().isComplete()) {
            // First: when the call has ended, nobody knows its id any more.
            transport.cancel(token, "nobody wants it any more");
            promise.tryFail("nobody wants it any more");
            call.dispose();
          }
        });
    return promise
        .future()
        .onComplete(
            ended -> {
              if (ended.cause() instanceof TimeoutException) {
                transport.cancel(token, "its time is over");
              }
              running.remove(token);
              transport.ended(token);
            })
        .compose(result -> Future.succeededFuture(value((McpSchema.CallToolResult) result)))
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  /** As other tools answer: a text where it is no more than one, else MCP's own form. */
  private static Object value(McpSchema.CallToolResult result) {
    if (Boolean.TRUE.equals(result.isError())) {
      throw new ToolException(TaskError.lasting(TaskError.TOOL_FAILED, text(result)));
    }
    if (result.content() != null
        && result.content().size() == 1
        && result.structuredContent() == null
        && result.content().get(0) instanceof McpSchema.TextContent text) {
      return text.text();
    }
    return json(result);
  }

  private static JsonObject json(McpSchema.CallToolResult result) {
    try {
      return new JsonObject(Transports.JSON.writeValueAsString(result));
    } catch (java.io.IOException e) {
      throw new IllegalStateException("the server's result is no JSON", e);
    }
  }

  private static String text(McpSchema.CallToolResult result) {
    StringBuilder text = new StringBuilder();
    List<McpSchema.Content> parts = result.content() == null ? List.of() : result.content();
    for (McpSchema.Content part : parts) {
      if (part instanceof McpSchema.TextContent one) {
        text.append(text.isEmpty() ? "" : "\n").append(one.text());
      }
    }
    return text.isEmpty() ? "the tool failed and did not say why" : text.toString();
  }

  private Throwable failure(Throwable cause) {
    if (cause instanceof ToolException) {
      return cause;
    }
    if (cause instanceof TimeoutException) {
      return new ToolException(
          TaskError.of(TaskError.TIMEOUT, "the MCP server did not answer in time"));
    }
    // Another attempt may meet a server that is there again.
    return new ToolException(
        TaskError.of(
            TaskError.TOOL_FAILED,
            "the MCP server: " + server.withoutToken(String.valueOf(cause.getMessage()))));
  }

  private void progress(McpSchema.ProgressNotification told) {
    ToolContext caller = running.get(told.progressToken());
    if (caller != null && !caller.isOver()) {
      JsonObject progress = new JsonObject().put("progress", told.progress());
      if (told.total() != null) {
        progress.put("total", told.total());
      }
      caller.progress(told.message() == null ? progress : progress.put("message", told.message()));
    }
  }
}
