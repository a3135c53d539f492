package io.muster.hub.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens an {@link Exchange} for every request, and hears its end, for the log and the metrics. */
final class Exchanges {
  private static final Logger access = LoggerFactory.getLogger("io.muster.hub.access");

  private final Vertx vertx;
  private final Connections connections;
  private final HttpObserver observer;
  private final boolean logAll;
  private final RequestIds ids = new RequestIds("req_");

  /** What ends those that would not end by themselves while the hub stops, by whose it is. */
  private final Map<Object, Runnable> lasting = new LinkedHashMap<>();

  Exchanges(Vertx vertx, Connections connections, HttpObserver observer, boolean logAll) {
    this.vertx = vertx;
    this.connections = connections;
    this.observer = observer;
    this.logAll = logAll;
  }

  Vertx vertx() {
    return vertx;
  }

  /**
   * Is run when the hub stops.
   *
   * @param whose an exchange, which takes it along when it is over; else whoever stays
   */
  void whenStopping(Object whose, Runnable action) {
    lasting.put(whose, action);
  }

  /** The hub takes no more requests: those that last are to end now. */
  void stop() {
    List.copyOf(lasting.values()).forEach(Runnable::run);
  }

  /** The first route of all. */
  void open(RoutingContext ctx) {
    Exchange known = Exchange.of(ctx);
    if (known == null) {
      HttpServerRequest request = ctx.request();
      String given = request.getHeader(Exchange.X_REQUEST_ID);
      new Exchange(
              this,
              request,
              connections.requestOn(request.connection()),
              RequestIds.sane(given) ? given : ids.next())
          .begin(ctx);
      if (request.method().equals(HttpMethod.HEAD)) {
        asGet(ctx);
        return;
      }
    } else {
      // Routed anew (HEAD as GET), which clears the answer's head.
      known.name();
    }
    ctx.next();
  }

  /** HEAD is GET, of whose answer Vert.x leaves out the body. */
  private static void asGet(RoutingContext ctx) {
    String uri = ctx.request().uri();
    ctx.reroute(HttpMethod.GET, uri.startsWith("/") ? uri : ctx.request().path());
  }

  void over(Exchange exchange, int status, long elapsedNanos, String workerId) {
    lasting.remove(exchange);
    observer.answered(status, elapsedNanos);
    boolean loud = logAll || (status >= 500 && status != 503);
    if (loud || access.isDebugEnabled()) {
      HttpServerRequest request = exchange.request();
      Object[] line = {
        exchange.requestId(),
        request.method(),
        request.path(),
        status,
        elapsedNanos / 1000 / 1000.0,
        workerId == null ? "-" : workerId,
        request.remoteAddress()
      };
      String format = "{} {} {} {} {} ms worker={} client={}";
      if (loud) {
        access.info(format, line);
      } else {
        access.debug(format, line);
      }
    }
  }
}
