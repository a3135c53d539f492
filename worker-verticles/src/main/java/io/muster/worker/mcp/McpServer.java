package io.muster.worker.mcp;

import io.modelcontextprotocol.spec.McpSchema;
import io.muster.runtime.settings.McpSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.task.Tool;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MCP server: its tools are offered while it is there, and it is looked for while it is not.
 */
final class McpServer {
  private static final Logger log = LoggerFactory.getLogger(McpServer.class);
  private static final Pattern TOOL = Pattern.compile("[A-Za-z0-9_.-]{1,90}");

  /** Of its description and schema: all hubs and models get them, again and again. */
  private static final int LONGEST_TOOL_CHARS = 32_768;

  private static final long FIRST_PAUSE_MS = 1_000;

  /** How long a stop waits for a server that is just being asked for its tools. */
  private static final long OPENING_MS = 3_000;

  private final Vertx vertx;
  private final WorkerExecutor blocking;
  private final ServerAddress address;
  private final Tools tools;
  private final String version;
  private final Duration timeout;
  private final long pingMs;
  private final long longestPauseMs;
  private final int mostTools;
  private final int maxBytes;
  private final Map<String, Tool> offered = new LinkedHashMap<>();
  private McpConnection connection;
  private Future<Void> opening = Future.succeededFuture();
  private String problem = "not connected yet";
  private long pauseMs;
  private long timer = -1;
  private boolean stopped;

  McpServer(
      Vertx vertx,
      WorkerExecutor blocking,
      ServerAddress address,
      Tools tools,
      Settings settings,
      String version) {
    this.vertx = vertx;
    this.blocking = blocking;
    this.address = address;
    this.tools = tools;
    this.version = version;
    this.timeout = Duration.ofMillis(settings.get(McpSettings.MCP_SERVER_TIMEOUT_MS));
    this.pingMs = settings.get(McpSettings.MCP_SERVER_PING_MS);
    this.longestPauseMs = settings.get(McpSettings.MCP_SERVER_RETRY_MS);
    this.mostTools = settings.get(McpSettings.MCP_SERVER_MAX_TOOLS);
    this.maxBytes = settings.get(McpSettings.MCP_SERVER_MAX_BYTES);
    this.pauseMs = Math.min(FIRST_PAUSE_MS, longestPauseMs);
  }

  void start() {
    if (stopped) {
      return;
    }
    opening =
        McpConnection.open(vertx, blocking, address, version, timeout, maxBytes, this::offer)
            .compose(this::list)
            .onFailure(this::away);
  }

  /** What it cannot list is not to go on running. */
  private Future<Void> list(McpConnection opened) {
    return Future.succeededFuture()
        .compose(v -> opened.tools())
        .transform(
            listed ->
                listed.succeeded()
                    ? begin(opened, listed.result())
                    : opened.close().transform(v -> Future.failedFuture(listed.cause())));
  }

  private Future<Void> begin(McpConnection opened, List<McpSchema.Tool> listed) {
    if (stopped) {
      return opened.close();
    }
    connection = opened;
    problem = null;
    pauseMs = Math.min(FIRST_PAUSE_MS, longestPauseMs);
    offer(listed);
    log.info("{} offers {} tools", address, offered.size());
    timer = vertx.setTimer(pingMs, id -> ping());
    return Future.succeededFuture();
  }

  private void ping() {
    McpConnection asked = connection;
    asked
        .ping()
        .onComplete(
            answered -> {
              if (stopped || asked != connection) {
                return;
              }
              if (answered.succeeded()) {
                timer = vertx.setTimer(pingMs, id -> ping());
              } else {
                connection = null;
                asked.close().onComplete(closed -> away(answered.cause()));
              }
            });
  }

  private void away(Throwable cause) {
    if (stopped) {
      return;
    }
    problem = reason(cause);
    offer(List.of());
    long pause = Math.round(pauseMs * (0.5 + ThreadLocalRandom.current().nextDouble() / 2));
    log.warn("{} is not there, looked for again in {} ms: {}", address, pause, problem);
    pauseMs = Math.min(longestPauseMs, 2 * pauseMs);
    timer = vertx.setTimer(Math.max(1, pause), id -> start());
  }

  /** The innermost is what happened; the token is in none of them. */
  private String reason(Throwable cause) {
    Throwable inner = cause;
    while (inner.getCause() != null && inner.getCause() != inner) {
      inner = inner.getCause();
    }
    if (inner instanceof TimeoutException) {
      // The SDK's words are about its own insides, and it does not tell that a command has ended.
      return "no answer within "
          + timeout.toMillis()
          + " ms (MCP_SERVER_TIMEOUT_MS)"
          + (address.url() == null ? "; LOG_LEVEL=debug shows what the command writes" : "");
    }
    String text =
        inner.getMessage() == null ? inner.getClass().getSimpleName() : inner.getMessage();
    return address.withoutToken(text);
  }

  /** These and no others. */
  private void offer(List<McpSchema.Tool> listed) {
    Map<String, Tool> next = new LinkedHashMap<>();
    if (connection != null && !stopped) {
      for (McpSchema.Tool tool : listed) {
        if (next.size() == mostTools) {
          log.warn(
              "{} has {} tools; MCP_SERVER_MAX_TOOLS takes {}", address, listed.size(), mostTools);
          break;
        }
        ServerTool one = new ServerTool(connection, address.name(), tool);
        if (!TOOL.matcher(tool.name()).matches()) {
          log.warn("{}: a tool of this name cannot be offered: {}", address.name(), tool.name());
        } else if (one.chars() > LONGEST_TOOL_CHARS) {
          log.warn(
              "{}: the tool {} is not offered: {} characters say what it is, {} may",
              address.name(),
              tool.name(),
              one.chars(),
              LONGEST_TOOL_CHARS);
        } else {
          next.put(one.name(), one);
        }
      }
    }
    offered.keySet().stream()
        .filter(name -> !next.containsKey(name))
        .toList()
        .forEach(tools::remove);
    // Those that stay may have another schema: away and back again tells the hub.
    next.forEach((name, tool) -> replace(offered.get(name), tool));
    offered.clear();
    offered.putAll(next);
  }

  private void replace(Tool before, Tool now) {
    if (before != null
        && !(before.schema().equals(now.schema())
            && before.description().equals(now.description()))) {
      tools.remove(before.name());
    }
    tools.add(List.of(now));
  }

  /** Null while it is there. */
  String problem() {
    return problem;
  }

  String name() {
    return address.name();
  }

  JsonObject info() {
    JsonObject info =
        new JsonObject()
            .put("name", address.name())
            .put("server", address.shown())
            .put("connected", connection != null)
            .put("tools", new JsonArray(List.copyOf(offered.keySet())));
    return problem == null ? info : info.put("problem", problem);
  }

  Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    McpConnection last = connection;
    connection = null;
    return last == null
        // Cut short after that: it is closed by whoever was opening it.
        ? opening.timeout(OPENING_MS, TimeUnit.MILLISECONDS).otherwiseEmpty()
        : last.close();
  }
}
