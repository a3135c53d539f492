package io.muster.hub.container;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.container.ContainerAnswer.Following;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerMessage;
import io.muster.hub.http.ApiCall;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/**
 * One client that follows a container of a node's: asks for the next piece when the client has
 * taken the last, so that a slow one holds up nobody but itself.
 */
final class ContainerStream {
  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int PIECE_BYTES = 64 << 10;
  private static final int WAIT_MS = 10_000;

  private final Bus bus;
  private final ContainerOrders orders;
  private final String nodeId;
  private final ApiCall call;
  private final HttpServerResponse response;
  private String stream;
  private boolean over;

  ContainerStream(Bus bus, ContainerOrders orders, String nodeId, ApiCall call) {
    this.bus = bus;
    this.orders = orders;
    this.nodeId = nodeId;
    this.call = call;
    this.response = call.context().response();
  }

  /**
   * Begins; what follows is written without further ado.
   *
   * @return fails where it cannot begin, and nothing was answered then
   */
  Future<Void> begin(String id, int tail, boolean follow) {
    return orders
        .<Following>ask(nodeId, new ContainerMessage.FollowContainer(id, tail, follow))
        .map(
            begun -> {
              stream = begun.stream();
              call.whenGone(this::end);
              if (call.over()) {
                end();
                return null;
              }
              response
                  .putHeader("content-type", "text/event-stream")
                  .putHeader("cache-control", "no-cache")
                  // nginx would else hold the events back.
                  .putHeader("x-accel-buffering", "no")
                  .setChunked(true);
              next();
              return null;
            });
  }

  private void next() {
    bus.<Piece>ask(
            Addresses.node(nodeId),
            new ContainerMessage.ReadFollow(stream, PIECE_BYTES, WAIT_MS),
            TIMEOUT)
        .onComplete(
            this::write,
            cause -> {
              if (!isOver()) {
                over = true;
                var unused =
                    response.end(
                        event(
                            "lost",
                            new io.vertx.core.json.JsonObject()
                                .put("reason", cause.getMessage())
                                .encode()));
              }
            });
  }

  private void write(Piece piece) {
    if (isOver()) {
      return;
    }
    // A comment shows both sides that the connection is alive.
    StringBuilder text = new StringBuilder(piece.told().isEmpty() ? ": \n\n" : "");
    piece.told().forEach(told -> text.append(event(told.kind(), told.json())));
    if (piece.ended()) {
      over = true;
      var unused = response.end(text.toString());
      return;
    }
    var unused = response.write(text.toString());
    if (response.writeQueueFull()) {
      response.drainHandler(v -> next());
    } else {
      next();
    }
  }

  private static String event(String kind, String json) {
    return "event: " + kind + "\ndata: " + json + "\n\n";
  }

  private boolean isOver() {
    return over || response.ended() || response.closed();
  }

  private void end() {
    if (!over) {
      over = true;
      bus.ask(Addresses.node(nodeId), new ContainerMessage.EndFollow(stream), TIMEOUT);
    }
  }
}
