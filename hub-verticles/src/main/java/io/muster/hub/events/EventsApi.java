package io.muster.hub.events;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code GET /api/admin/events}: a WebSocket where it is asked for, a stream of server-sent events
 * where these are accepted, else the newest events as JSON.
 */
final class EventsApi implements ApiRoutes {
  private static final int MOST_LISTED = 1000;
  private static final int USUALLY_LISTED = 100;

  private final Vertx vertx;
  private final EventFeed feed;
  private final AdminGuard guard;
  private final Readers readers;
  private final long authTimeoutMs;

  EventsApi(Vertx vertx, EventFeed feed, AdminGuard guard, Readers readers, long authTimeoutMs) {
    this.vertx = vertx;
    this.feed = feed;
    this.guard = guard;
    this.readers = readers;
    this.authTimeoutMs = authTimeoutMs;
  }

  @Override
  public void add(Router router, Api api) {
    router
        .get("/api/admin/events")
        .handler(
            ctx -> {
              if (has(ctx.request().getHeader(HttpHeaders.UPGRADE), "websocket")) {
                api.forStreams(this::socket).handle(ctx);
              } else if (has(ctx.request().getHeader(HttpHeaders.ACCEPT), "text/event-stream")) {
                api.forStreams(this::stream).handle(ctx);
              } else {
                guard.forAdmins(api, Role.VIEWER, (call, user) -> list(call)).handle(ctx);
              }
            });
    router
        .get("/api/admin/events/types")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> types()));
  }

  private static boolean has(String header, String value) {
    return header != null && header.toLowerCase(Locale.ROOT).contains(value);
  }

  private Future<Void> socket(ApiCall call) {
    EventFilter filter = filter(call);
    String known = bearer(call);
    if (!call.request().canUpgradeToWebSocket()) {
      throw ApiErrors.invalid("upgrade", "This is no upgrade to a WebSocket.");
    }
    // An upgrade cannot be made any more once the request has been read to its end.
    call.request().pause();
    Future<?> allowed =
        known != null ? guard.require(call, Role.VIEWER) : Future.<Object>succeededFuture();
    return allowed
        .compose(user -> call.request().toWebSocket())
        .map(
            socket -> {
              SocketOutlet outlet = new SocketOutlet(socket, call, vertx);
              call.whenStopping(outlet::farewell);
              new EventSocket(feed, readers, outlet, filter)
                  .open(socket, vertx, known, authTimeoutMs);
              return null;
            })
        .onFailure(cause -> call.request().resume())
        .mapEmpty();
  }

  private static String bearer(ApiCall call) {
    String header = call.request().getHeader(HttpHeaders.AUTHORIZATION);
    return header == null ? null : header.replaceFirst("(?i)^bearer\\s+", "").strip();
  }

  private Future<Void> stream(ApiCall call) {
    EventFilter filter = filter(call);
    Optional<String> last =
        Optional.ofNullable(call.request().getHeader("last-event-id"))
            .filter(id -> !id.isBlank())
            .or(() -> call.query("lastEventId"));
    return guard
        .require(call, Role.VIEWER)
        .map(
            user -> {
              if (!call.over()) {
                begin(call, filter, last);
              }
              return null;
            });
  }

  private void begin(ApiCall call, EventFilter filter, Optional<String> last) {
    feed.checkRoom();
    SseOutlet outlet = new SseOutlet(call);
    outlet.begin();
    Subscription subscription =
        last.isPresent() ? feed.resume(outlet, filter, last.get()) : feed.subscribe(outlet, filter);
    subscription.by(bearer(call));
    call.whenGone(() -> feed.unsubscribe(subscription));
    call.whenStopping(
        () -> {
          feed.unsubscribe(subscription);
          outlet.end();
        });
  }

  private Future<ApiReply> list(ApiCall call) {
    EventFilter filter = filter(call);
    int limit = (int) call.query("limit", 1, MOST_LISTED, USUALLY_LISTED);
    Optional<String> after = call.query("after");
    Future<List<Told>> events =
        after.isPresent() ? feed.since(after.get()) : feed.newest(MOST_LISTED);
    return events.map(
        found -> {
          List<Told> wanted = found.stream().filter(told -> filter.accepts(told.type())).toList();
          // After an event, what comes next; else the newest.
          List<Told> shown =
              after.isPresent()
                  ? wanted.subList(0, Math.min(limit, wanted.size()))
                  : wanted.subList(Math.max(0, wanted.size() - limit), wanted.size());
          JsonArray list = new JsonArray();
          shown.forEach(told -> list.add(told.toJson()));
          return ApiReply.ok(
              new JsonObject().put("success", true).put("events", list).put("total", list.size()));
        });
  }

  private static Future<ApiReply> types() {
    JsonArray types = new JsonArray();
    for (EventType type : EventTypes.all()) {
      types.add(
          new JsonObject()
              .put("name", type.name())
              .put("data", new JsonArray(type.data()))
              .put("kept", !type.passing())
              .put("description", type.doc()));
    }
    return Future.succeededFuture(
        ApiReply.ok(new JsonObject().put("success", true).put("types", types)));
  }

  private static EventFilter filter(ApiCall call) {
    try {
      return EventFilter.parse(call.query("types").orElse(null));
    } catch (IllegalArgumentException e) {
      throw ApiErrors.invalid("types", e.getMessage() + ".");
    }
  }
}
