package io.muster.hub.events;

import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One WebSocket of a subscriber.
 *
 * <pre>
 *   opened ──bearer header──────────────▶ subscribed ──subscribe {types}──▶ subscribed
 *      │                                     ▲
 *      └──▶ unknown ──auth {token}───────────┘
 *              │ time-out, wrong token
 *              ▼
 *           closed 1008
 * </pre>
 */
final class EventSocket {
  /** Frames that mean nothing before the socket is closed. */
  private static final int PATIENCE = 20;

  private final EventFeed feed;
  private final Readers readers;
  private final SocketOutlet outlet;
  private EventFilter filter;
  private Subscription subscription;
  private boolean checking;
  private boolean over;
  private int faults;

  /** Frames that came while it did not take what was there for it. */
  private int unread;

  EventSocket(EventFeed feed, Readers readers, SocketOutlet outlet, EventFilter filter) {
    this.feed = feed;
    this.readers = readers;
    this.outlet = outlet;
    this.filter = filter;
  }

  /**
   * Begins to listen.
   *
   * @param known the token that was presented with the upgrade, and holds; null for none
   * @param authTimeoutMs for one that presents it later
   */
  void open(ServerWebSocket socket, Vertx vertx, String known, long authTimeoutMs) {
    socket.textMessageHandler(this::frame);
    socket.binaryMessageHandler(bytes -> fault("unsupported", "Frames are JSON text."));
    socket.exceptionHandler(e -> outlet.close(SocketOutlet.POLICY, "a frame that cannot be read"));
    socket.closeHandler(v -> gone());
    if (known != null) {
      subscribe(known);
    } else {
      vertx.setTimer(authTimeoutMs, id -> expire());
    }
  }

  private void expire() {
    if (subscription == null && !over) {
      outlet.close(SocketOutlet.POLICY, "no auth frame in time");
    }
  }

  private void gone() {
    over = true;
    if (subscription != null) {
      feed.unsubscribe(subscription);
    }
  }

  private void frame(String text) {
    unread = outlet.isFull() ? unread + 1 : 0;
    if (unread > PATIENCE) {
      // Whoever asks on without reading what is answered would fill the memory.
      outlet.cutOff();
      return;
    }
    String type;
    JsonObject data;
    try {
      JsonObject frame = new JsonObject(text);
      type = frame.getString("type", "");
      JsonObject given = frame.getJsonObject("data");
      data = given == null ? new JsonObject() : given;
    } catch (DecodeException | ClassCastException e) {
      fault("malformed", "A frame is a JSON object {type, data}.");
      return;
    }
    switch (type == null ? "" : type) {
      case "auth" -> authenticate(data);
      case "subscribe" -> narrow(data);
      case "ping" -> outlet.send("pong", new JsonObject());
      default -> fault("unknown_type", "There are frames 'auth', 'subscribe' and 'ping' here.");
    }
  }

  private void authenticate(JsonObject data) {
    if (subscription != null || checking) {
      return;
    }
    checking = true;
    String token = data.getValue("token") instanceof String text ? text : null;
    readers
        .byToken(token)
        .onComplete(
            who -> {
              checking = false;
              if (over) {
                return;
              }
              if (who.failed()) {
                outlet.send("error", error("unauthorized", who.cause().getMessage()));
                outlet.close(SocketOutlet.POLICY, "not authorised");
              } else {
                subscribe(token);
              }
            });
  }

  private void subscribe(String token) {
    try {
      subscription = feed.subscribe(outlet, filter).by(token);
    } catch (RuntimeException e) {
      outlet.send("error", error("too_many_subscribers", e.getMessage()));
      outlet.close(SocketOutlet.TRY_AGAIN_LATER, "too many subscribers");
      return;
    }
    tellFilter();
  }

  private void narrow(JsonObject data) {
    EventFilter wanted;
    try {
      wanted = EventFilter.of(types(data));
    } catch (IllegalArgumentException | ClassCastException e) {
      fault("invalid", e instanceof ClassCastException ? "'types' is an array." : e.getMessage());
      return;
    }
    filter = wanted;
    if (subscription != null) {
      subscription.filter(filter);
      tellFilter();
    }
  }

  private static List<String> types(JsonObject data) {
    JsonArray types = data == null ? null : data.getJsonArray("types");
    return types == null ? List.of() : types.stream().map(String.class::cast).toList();
  }

  private void tellFilter() {
    outlet.send(
        "subscribed", new JsonObject().put("types", new JsonArray(List.copyOf(filter.names()))));
  }

  private void fault(String code, String message) {
    outlet.send("error", error(code, message));
    if (++faults >= PATIENCE) {
      outlet.close(SocketOutlet.POLICY, "too many frames that mean nothing");
    }
  }

  private static JsonObject error(String code, String message) {
    return new JsonObject().put("code", code).put("message", message);
  }
}
