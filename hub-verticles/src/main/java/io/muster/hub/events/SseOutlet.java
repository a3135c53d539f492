package io.muster.hub.events;

import io.muster.hub.http.ApiCall;
import io.vertx.core.http.HttpServerResponse;

/** A subscriber that reads server-sent events. */
final class SseOutlet implements Outlet {
  private static final int BUFFER_BYTES = 64 << 10;

  private final HttpServerResponse response;
  private final ApiCall call;

  SseOutlet(ApiCall call) {
    this.call = call;
    this.response = call.context().response();
  }

  /** Writes the head, and something after it so that the subscriber knows at once. */
  void begin() {
    response
        .putHeader("content-type", "text/event-stream")
        .putHeader("cache-control", "no-cache")
        // nginx would else hold the events back.
        .putHeader("x-accel-buffering", "no")
        .setChunked(true)
        .setWriteQueueMaxSize(BUFFER_BYTES);
    send("retry: 3000\n\n");
  }

  @Override
  public boolean isFull() {
    return response.writeQueueFull();
  }

  @Override
  public void write(Told told) {
    StringBuilder event = new StringBuilder(256);
    if (!told.id().isEmpty() && !EventTypes.isPassing(told.type())) {
      // What is not kept is nothing to go on after.
      event.append("id: ").append(told.id()).append('\n');
    }
    event.append("event: ").append(told.type()).append("\ndata: ").append(told.frame());
    send(event.append("\n\n").toString());
  }

  /** Ends it in order: whoever reads comes back after its last event. */
  void end() {
    if (!response.ended() && !response.closed()) {
      var unused = response.end();
    }
  }

  private void send(String text) {
    if (!response.ended() && !response.closed()) {
      var unused = response.write(text);
    }
  }

  @Override
  public void whenDrained(Runnable action) {
    response.drainHandler(v -> action.run());
  }

  @Override
  public void keepAlive() {
    if (!isFull()) {
      send(": keep-alive\n\n");
    }
  }

  @Override
  public void revoke() {
    call.cut();
  }

  @Override
  public void cutOff() {
    call.cut();
  }
}
