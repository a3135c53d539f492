package io.muster.hub.mcp;

import io.muster.hub.http.ApiCall;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** The answer to one request: one JSON object, or a stream of events whose last one it is. */
final class McpReply {
  private static final long KEEP_ALIVE_MS = 15_000;
  private static final int BUFFER_BYTES = 64 << 10;

  private final Vertx vertx;
  private final HttpServerResponse response;
  private final boolean takesStreams;
  private boolean streaming;
  private boolean done;
  private long keepAlive = -1;

  McpReply(Vertx vertx, ApiCall call) {
    this.vertx = vertx;
    this.response = call.context().response();
    String accept = call.request().getHeader("accept");
    this.takesStreams = accept != null && accept.contains("text/event-stream");
  }

  boolean takesStreams() {
    return takesStreams;
  }

  void header(String name, String value) {
    response.putHeader(name, value);
  }

  /** The whole answer, or the stream's last event. */
  void finish(int status, JsonObject message) {
    if (isOver()) {
      return;
    }
    if (streaming) {
      done = true;
      vertx.cancelTimer(keepAlive);
      var unused = response.end(event(message));
      return;
    }
    done = true;
    response
        .setStatusCode(status)
        .putHeader("content-type", "application/json")
        .putHeader("cache-control", "no-store");
    var unused = response.end(message.toBuffer());
  }

  /** Without a body, or with no further event. */
  void finish(int status) {
    if (isOver()) {
      return;
    }
    done = true;
    vertx.cancelTimer(keepAlive);
    if (!streaming) {
      response.setStatusCode(status);
    }
    var unused = response.end();
  }

  /** From now on events; does nothing for a client that does not take them. */
  void stream() {
    if (isOver() || streaming || !takesStreams) {
      return;
    }
    streaming = true;
    response
        .putHeader("content-type", "text/event-stream")
        .putHeader("cache-control", "no-store")
        // nginx would else hold the events back.
        .putHeader("x-accel-buffering", "no")
        .setChunked(true)
        .setWriteQueueMaxSize(BUFFER_BYTES);
    // Something at once, so that the client has the head.
    var unused = response.write(": \n\n");
    keepAlive =
        vertx.setPeriodic(
            KEEP_ALIVE_MS,
            id -> {
              if (isOver()) {
                vertx.cancelTimer(id);
              } else if (!response.writeQueueFull()) {
                var ignored = response.write(": keep-alive\n\n");
              }
            });
  }

  /** An event before the last; dropped where the client does not read, or takes no stream. */
  void notify(JsonObject message) {
    if (streaming && !isOver() && !response.writeQueueFull()) {
      var unused = response.write(event(message));
    }
  }

  /** Nothing more can be written. */
  void gone() {
    done = true;
    vertx.cancelTimer(keepAlive);
  }

  private boolean isOver() {
    return done || response.ended() || response.closed();
  }

  private static Buffer event(JsonObject message) {
    return Buffer.buffer("event: message\ndata: ")
        .appendBuffer(message.toBuffer())
        .appendString("\n\n");
  }
}
