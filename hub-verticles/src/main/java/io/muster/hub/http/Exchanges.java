package io.muster.hub.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
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

  Exchanges(Vertx vertx, Connections connections, HttpObserver observer, boolean logAll) {
    this.vertx = vertx;
    this.connections = connections;
    this.observer = observer;
    this.logAll = logAll;
  }

  Vertx vertx() {
    return vertx;
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
