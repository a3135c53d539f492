package io.muster.hub.events;

import io.muster.hub.http.ApiCall;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;

/** A subscriber at a WebSocket. */
final class SocketOutlet implements Outlet {
  /** "Try again later", of RFC 6455's registry. */
  static final short TRY_AGAIN_LATER = 1013;

  static final short POLICY = 1008;
  static final short GOING_AWAY = 1001;

  private static final int BUFFER_BYTES = 64 << 10;
  private static final long LINGER_MS = 2_000;

  private final ServerWebSocket socket;
  private final ApiCall call;
  private final Vertx vertx;
  private boolean pinged;
  private boolean closed;

  SocketOutlet(ServerWebSocket socket, ApiCall call, Vertx vertx) {
    this.socket = socket;
    this.call = call;
    this.vertx = vertx;
    socket.setWriteQueueMaxSize(BUFFER_BYTES);
    socket.pongHandler(pong -> pinged = false);
  }

  @Override
  public boolean isFull() {
    return socket.writeQueueFull();
  }

  @Override
  public void write(Told told) {
    send(told.frame());
  }

  void send(String type, JsonObject data) {
    send(new JsonObject().put("type", type).put("data", data).encode());
  }

  private void send(String frame) {
    if (!closed) {
      var unused = socket.writeTextMessage(frame);
    }
  }

  @Override
  public void whenDrained(Runnable action) {
    socket.drainHandler(v -> action.run());
  }

  /** One that has not answered since the last time is gone. */
  @Override
  public void keepAlive() {
    if (pinged) {
      close(GOING_AWAY, "no pong");
    } else if (!closed) {
      pinged = true;
      var unused = socket.writePing(Buffer.buffer("muster"));
    }
  }

  /** The hub stops: another one, or this one later, goes on. */
  void farewell() {
    close(GOING_AWAY, "the hub stops");
  }

  @Override
  public void revoke() {
    close(POLICY, "the token does not hold any more");
  }

  @Override
  public void cutOff() {
    close(TRY_AGAIN_LATER, "too slow: events would wait for you without end");
  }

  /** Says why, and soon ends the connection, for one who reads nothing hears nothing. */
  void close(short code, String reason) {
    if (!closed) {
      closed = true;
      var unused = socket.close(code, reason);
      vertx.setTimer(LINGER_MS, id -> call.cut());
    }
  }
}
