package io.muster.hub.events;

import io.muster.bus.Addresses;
import io.muster.bus.FaultException;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.bridge.PermittedOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.sockjs.BridgeEvent;
import io.vertx.ext.web.handler.sockjs.SockJSBridgeOptions;
import io.vertx.ext.web.handler.sockjs.SockJSHandler;
import io.vertx.ext.web.handler.sockjs.SockJSHandlerOptions;
import io.vertx.ext.web.handler.sockjs.SockJSSocket;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /eventbus}: the event bus for browsers, by SockJS. One address goes out, {@link
 * Addresses#EVENTS_JSON}, to whoever has a token or a key; nothing comes in: a client that could
 * send would speak to nodes and hubs as one of them.
 *
 * <p>WebSocket only: the other transports of SockJS read bodies without a bound, and two of them
 * (JSON-P, html file) run what a page is sent.
 */
final class EventsBridge implements ApiRoutes {
  private static final Logger log = LoggerFactory.getLogger(EventsBridge.class);

  private static final List<String> OTHER_TRANSPORTS =
      List.of("EVENT_SOURCE", "HTML_FILE", "JSON_P", "XHR");
  private static final int BUFFER_BYTES = 256 << 10;
  private static final long PING_TIMEOUT_MS = 30_000;
  private static final int MOST_ADDRESSES = 2;

  private final Vertx vertx;
  private final Readers readers;
  private final int maxSockets;
  private final long authTimeoutMs;
  private final Map<SockJSSocket, Client> clients = new IdentityHashMap<>();
  private long cutOff;

  /** One socket, and what it asked for. */
  private static final class Client {
    private EventFilter filter;
    private String credential;
    private boolean closing;
  }

  EventsBridge(Vertx vertx, Readers readers, int maxSockets, long authTimeoutMs) {
    this.vertx = vertx;
    this.readers = readers;
    this.maxSockets = maxSockets;
    this.authTimeoutMs = authTimeoutMs;
  }

  @Override
  public void add(Router router, Api api) {
    SockJSHandlerOptions options = new SockJSHandlerOptions().setInsertJSESSIONID(false);
    OTHER_TRANSPORTS.forEach(options::addDisabledTransport);
    SockJSBridgeOptions permitted =
        new SockJSBridgeOptions()
            .addOutboundPermitted(new PermittedOptions().setAddress(Addresses.EVENTS_JSON))
            .setMaxAddressLength(Addresses.EVENTS_JSON.length())
            .setMaxHandlersPerSocket(MOST_ADDRESSES)
            .setPingTimeout(PING_TIMEOUT_MS);
    api.whenStopping(this::farewell);
    router
        .get("/eventbus/*")
        .subRouter(SockJSHandler.create(vertx, options).bridge(null, permitted, this::decide));
  }

  private void farewell() {
    Map.copyOf(clients)
        .forEach(
            (socket, client) -> close(socket, client, SocketOutlet.GOING_AWAY, "the hub stops"));
  }

  /** Sockets that were closed because they did not take what they asked for. */
  long cutOff() {
    return cutOff;
  }

  /** Ends those whose token does not hold any more: it was revoked, or is over. */
  void recheck() {
    for (Map.Entry<SockJSSocket, Client> entry : List.copyOf(clients.entrySet())) {
      Client client = entry.getValue();
      if (client.filter == null || client.closing) {
        continue;
      }
      SockJSSocket socket = entry.getKey();
      readers
          .byTokenOrKey(client.credential)
          .onFailure(
              cause -> {
                // A database that is away takes nobody's right.
                if (!(cause instanceof FaultException) && !client.closing) {
                  close(socket, client, SocketOutlet.POLICY, "the token does not hold any more");
                }
              });
    }
  }

  private void decide(BridgeEvent event) {
    switch (event.type()) {
      case SOCKET_CREATED -> event.complete(created(event.socket()));
      case SOCKET_CLOSED, SOCKET_ERROR -> {
        clients.remove(event.socket());
        event.complete(true);
      }
      case REGISTER -> register(event);
      case RECEIVE -> event.complete(receive(event));
      case SOCKET_IDLE, SOCKET_PING, REGISTERED, UNREGISTER -> event.complete(true);
      default -> {
        // SEND and PUBLISH, and whatever a later Vert.x may add.
        event.complete(false);
      }
    }
  }

  private boolean created(SockJSSocket socket) {
    if (clients.size() >= maxSockets) {
      return false;
    }
    clients.put(socket, new Client());
    socket.setWriteQueueMaxSize(BUFFER_BYTES);
    vertx.setTimer(
        authTimeoutMs,
        id -> {
          Client client = clients.get(socket);
          if (client != null && client.filter == null) {
            close(socket, client, SocketOutlet.POLICY, "nothing was registered in time");
          }
        });
    return true;
  }

  private void register(BridgeEvent event) {
    JsonObject message = event.getRawMessage();
    Client client = clients.get(event.socket());
    if (client == null || !Addresses.EVENTS_JSON.equals(text(message, "address").orElse(null))) {
      event.complete(false);
      return;
    }
    EventFilter filter;
    try {
      filter = EventFilter.of(types(headers(message)));
    } catch (IllegalArgumentException e) {
      event.complete(false);
      return;
    }
    String credential = credential(event);
    readers
        .byTokenOrKey(credential)
        .onSuccess(
            who -> {
              client.credential = credential;
              client.filter = filter;
              event.complete(true);
            })
        .onFailure(
            cause -> {
              log.debug("a socket may not read the events: {}", cause.getMessage());
              event.complete(false);
            });
  }

  private boolean receive(BridgeEvent event) {
    Client client = clients.get(event.socket());
    if (client == null || client.closing || client.filter == null) {
      return false;
    }
    JsonObject body = event.getRawMessage().getJsonObject("body");
    if (!client.filter.accepts(body.getString("type"))) {
      return false;
    }
    if (event.socket().writeQueueFull()) {
      cutOff++;
      close(event.socket(), client, SocketOutlet.TRY_AGAIN_LATER, "too slow");
      return false;
    }
    return true;
  }

  private static void close(SockJSSocket socket, Client client, int code, String reason) {
    client.closing = true;
    socket.close(code, reason);
  }

  /** A service's upgrade carries the header itself; a browser's client puts it into the frame. */
  private static String credential(BridgeEvent event) {
    JsonObject headers = headers(event.getRawMessage());
    String given =
        text(headers, "Authorization")
            .or(() -> text(headers, "authorization"))
            .or(() -> text(headers, "x-api-key"))
            .orElse(null);
    if (given == null) {
      given = event.socket().headers().get("authorization");
    }
    if (given == null) {
      given = event.socket().headers().get("x-api-key");
    }
    return given != null && given.regionMatches(true, 0, "Bearer ", 0, 7)
        ? given.substring(7).strip()
        : given;
  }

  private static List<String> types(JsonObject headers) {
    Object types = headers.getValue("types");
    if (types instanceof JsonArray array) {
      return array.stream().map(String::valueOf).toList();
    }
    return types instanceof String text ? List.of(text.split(",")) : List.of();
  }

  private static JsonObject headers(JsonObject message) {
    return message.getValue("headers") instanceof JsonObject headers ? headers : new JsonObject();
  }

  private static Optional<String> text(JsonObject from, String name) {
    return from.getValue(name) instanceof String text ? Optional.of(text) : Optional.empty();
  }
}
