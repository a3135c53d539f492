package io.muster.hub.admin;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.bus.MessageTypes;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiErrors;
import io.muster.identity.Command;
import io.muster.identity.CommandGuard;
import io.muster.identity.Order;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeStats;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Commands to nodes of other makes, over their socket: {@code node_command} {commandId, command,
 * args}, answered with {@code node_command_result} {commandId, success, result?, error?}. A node
 * need not know any of it: the hub itself keeps work from one that is drained.
 */
public final class SocketCommands implements SocketFeature {
  private static final String RESULT = "node_command_result";
  private static final int MOST_LINES = 1_000;

  private final Vertx vertx;
  private final long timeoutMs;
  private final Function<NodeSession, CommandGuard> guards;
  private final Map<String, Waiting> waiting = new HashMap<>();

  private record Waiting(String nodeId, Promise<JsonObject> result) {}

  /**
   * @param timeoutMs milliseconds after which a node does not answer any more
   * @param guards what judges orders for such a node, which cannot do so itself
   */
  public SocketCommands(Vertx vertx, long timeoutMs, Function<NodeSession, CommandGuard> guards) {
    this.vertx = vertx;
    this.timeoutMs = timeoutMs;
    this.guards = guards;
  }

  @Override
  public Map<String, BiConsumer<NodeSession, JsonObject>> frames() {
    return Map.of(RESULT, this::result);
  }

  @Override
  public Inbox inbox(NodeSession session) {
    CommandGuard guard = guards.apply(session);
    return new Inbox()
        .serve(Order.class, order -> ask(session, guard.open(order)))
        .serve(Command.class, unsigned -> ask(session, guard.open(unsigned)));
  }

  private Future<? extends Record> ask(NodeSession session, Command command) {
    if (command instanceof NodeCommand.DrainNode drain) {
      return tell(session, "drain", new JsonObject().put("reason", drain.reason()));
    }
    if (command instanceof NodeCommand.ResumeNode) {
      return tell(session, "resume", new JsonObject());
    }
    if (command instanceof NodeCommand.RestartNode restart) {
      return send(session, "restart", new JsonObject().put("reason", restart.reason())).map(Ack.OK);
    }
    if (command instanceof NodeCommand.UnloadNode unload) {
      return send(session, "unload", new JsonObject().put("reason", unload.reason())).map(Ack.OK);
    }
    if (command instanceof NodeCommand.PingNode) {
      return send(session, "ping", new JsonObject())
          .map(
              pong ->
                  new NodeAnswer.Pong(
                      session.nodeId(), session.info().instance(), false, NodeStats.NONE))
          // Its connection stands: silence only means that it does not know the command.
          .recover(
              silent ->
                  Future.failedFuture(
                      Fault.of(Failure.NOT_FOUND, silent.getMessage()).asException()));
    }
    if (command instanceof NodeCommand.FetchLogs wanted) {
      return send(
              session,
              "logs",
              new JsonObject().put("level", wanted.level()).put("limit", wanted.limit()))
          .map(SocketCommands::page);
    }
    if (!(command instanceof NodeCommand.ApplyConfig config)) {
      throw Fault.of(
              Failure.BAD_REQUEST,
              "node %s is of another make: it takes no %s"
                  .formatted(session.nodeId(), MessageTypes.nameOf(command.getClass())))
          .asException();
    }
    JsonObject values = new JsonObject();
    config.values().forEach(values::put);
    return send(
            session,
            "config",
            new JsonObject().put("version", config.version()).put("values", values))
        .map(taken -> new NodeAnswer.ConfigOutcome(config.version(), null))
        .recover(
            cause ->
                // What it does not take it says; silence leaves it open.
                Fault.from(cause).failure() == Failure.BAD_REQUEST
                    ? Future.succeededFuture(
                        new NodeAnswer.ConfigOutcome(config.version(), cause.getMessage()))
                    : Future.failedFuture(cause));
  }

  /**
   * The hub does it by itself: what the node makes of it is its own affair, nobody waits for it.
   */
  private static Future<Ack> tell(NodeSession session, String command, JsonObject args) {
    return write(session, UUID.randomUUID().toString(), command, args)
        ? Future.succeededFuture(Ack.OK)
        : Future.failedFuture(gone(session));
  }

  private static boolean write(NodeSession session, String id, String command, JsonObject args) {
    return session.send(
        "node_command",
        new JsonObject().put("commandId", id).put("command", command).put("args", args));
  }

  private static Throwable gone(NodeSession session) {
    return Fault.of(Failure.UNREACHABLE, "node " + session.nodeId() + " is gone").asException();
  }

  private Future<JsonObject> send(NodeSession session, String command, JsonObject args) {
    String id = UUID.randomUUID().toString();
    Promise<JsonObject> result = Promise.promise();
    waiting.put(id, new Waiting(session.nodeId(), result));
    long timer = vertx.setTimer(timeoutMs, t -> result.tryFail(silent(session, command)));
    result
        .future()
        .onComplete(
            done -> {
              waiting.remove(id);
              vertx.cancelTimer(timer);
            });
    if (!write(session, id, command, args)) {
      result.tryFail(gone(session));
    }
    return result.future();
  }

  private static Throwable silent(NodeSession session, String command) {
    return Fault.of(
            Failure.UNREACHABLE, "node " + session.nodeId() + " did not answer to " + command)
        .asException();
  }

  private void result(NodeSession session, JsonObject data) {
    Object id = data.getValue("commandId");
    if (!(id instanceof String text)) {
      throw ApiErrors.invalid(
          "commandId", "'commandId' is missing: it is that of the node_command.");
    }
    Waiting command = waiting.get(text);
    if (command == null || !command.nodeId().equals(session.nodeId())) {
      return; // Too late, or another node's: nobody waits for it.
    }
    if (Boolean.FALSE.equals(data.getValue("success"))) {
      Object error = data.getValue("error");
      String message =
          error instanceof JsonObject object ? object.getString("message", "") : "" + error;
      command
          .result()
          .tryFail(
              Fault.of(Failure.BAD_REQUEST, "node " + session.nodeId() + ": " + cut(message))
                  .asException());
    } else {
      command.result().tryComplete(data);
    }
  }

  /** What a node of another make calls its log: taken as far as it fits. */
  private static NodeAnswer.LogPage page(JsonObject data) {
    List<NodeAnswer.LogLine> lines = new ArrayList<>();
    Object result = data.getValue("result");
    Object logs = result instanceof JsonObject object ? object.getValue("logs") : result;
    if (logs instanceof JsonArray array) {
      for (Object entry : array) {
        if (entry instanceof JsonObject line && lines.size() < MOST_LINES) {
          lines.add(
              new NodeAnswer.LogLine(
                  line.getValue("timestamp") instanceof Number at ? at.longValue() : 0,
                  text(line, "level", "info"),
                  text(line, "logger", ""),
                  text(line, "thread", ""),
                  null,
                  text(line, "message", ""),
                  null));
        }
      }
    }
    return new NodeAnswer.LogPage(lines, 0);
  }

  private static String text(JsonObject line, String field, String missing) {
    return line.getValue(field) instanceof String text ? cut(text) : missing;
  }

  private static String cut(String text) {
    return text.length() <= 4_000 ? text : text.substring(0, 4_000);
  }
}
