package io.muster.bench.nodes;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A node of another make, as docs/protocol.md describes it: registers, says that it lives as often
 * as the hub asks for, and answers each task at once.
 */
final class SocketNode {
  /** More than one, so that 16 tasks at once find a place at 10 nodes. */
  private static final int TASKS_AT_ONCE = 4;

  private final String id;
  private final Vertx vertx;
  private final Fleet fleet;
  private final Promise<Void> registered = Promise.promise();
  private WebSocket socket;
  private long intervalMs;
  private long timer = -1;
  private boolean leaving;

  SocketNode(String id, Vertx vertx, Fleet fleet) {
    this.id = id;
    this.vertx = vertx;
    this.fleet = fleet;
  }

  String id() {
    return id;
  }

  /** Succeeds when the hub has taken it. */
  Future<Void> join(WebSocketClient client, int port) {
    client
        .connect(port, "127.0.0.1", "/abp-distributed-server/VCP_Key=")
        .onSuccess(this::opened)
        .onFailure(registered::tryFail);
    return registered.future();
  }

  Future<Void> leave() {
    leaving = true;
    vertx.cancelTimer(timer);
    return socket == null ? Future.succeededFuture() : socket.close();
  }

  private void opened(WebSocket opened) {
    socket = opened;
    opened.textMessageHandler(text -> hear(new JsonObject(text)));
    opened.closeHandler(v -> closed());
  }

  private void hear(JsonObject frame) {
    JsonObject data = frame.getJsonObject("data");
    switch (frame.getString("type")) {
      case "connection_ack" -> {
        intervalMs = data.getLong("heartbeatIntervalMs");
        register();
      }
      case "node_registered" -> registered(data);
      case "heartbeat_ack" -> fleet.ack();
      case "task_assign" -> {
        fleet.assigned(data.getString("taskId"), System.nanoTime());
        answer(data);
      }
      default -> fleet.error(frame.getString("type") + " " + data.getString("code", ""));
    }
  }

  private void register() {
    send(
        "node_register",
        new JsonObject()
            .put("nodeId", id)
            .put("name", id)
            .put("type", "worker")
            .put("version", "1")
            .put("capabilities", new JsonArray())
            .put("tools", new JsonArray().add("echo"))
            .put("config", new JsonObject().put("maxConcurrentTasks", TASKS_AT_ONCE)));
  }

  private void registered(JsonObject data) {
    if (!data.getBoolean("success")) {
      registered.tryFail(data.getString("message"));
      return;
    }
    // Nodes that joined together do not go on in step.
    timer =
        vertx.setPeriodic(
            ThreadLocalRandom.current().nextLong(1, intervalMs + 1), intervalMs, id -> heartbeat());
    registered.tryComplete();
  }

  private void heartbeat() {
    fleet.heartbeat();
    send(
        "heartbeat",
        new JsonObject()
            .put("nodeId", id)
            .put("status", "online")
            .put("stats", new JsonObject().put("activeTasks", 0)));
  }

  private void answer(JsonObject task) {
    send(
        "task_result",
        new JsonObject()
            .put("taskId", task.getString("taskId"))
            .put("nodeId", id)
            .put("attempt", task.getLong("attempt"))
            .put("success", true)
            .put("result", task.getJsonObject("toolArgs"))
            .put("executionTime", 0));
  }

  private void send(String type, JsonObject data) {
    socket
        .writeTextMessage(new JsonObject().put("type", type).put("data", data).encode())
        .onFailure(cause -> fleet.error("cannot send " + type));
  }

  private void closed() {
    vertx.cancelTimer(timer);
    if (!leaving) {
      registered.tryFail(
          "the hub closed: " + socket.closeStatusCode() + " " + socket.closeReason());
      fleet.error("connection closed");
    }
  }
}
