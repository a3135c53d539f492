package io.muster.worker.ops;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * Closes connections beyond the limit, and those that bring no whole request in time. An idle
 * time-out alone would let a client that sends a byte now and then stay for ever.
 */
public final class ConnectionGuard {
  private final Vertx vertx;
  private final HttpLimits limits;
  private final Map<HttpConnection, Long> timers = new IdentityHashMap<>();
  private int open;

  public ConnectionGuard(Vertx vertx, HttpLimits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  /** Takes a connection, or closes it. */
  public void opened(HttpConnection connection) {
    if (open >= limits.maxConnections()) {
      connection.close();
      return;
    }
    open++;
    arm(connection);
    connection.closeHandler(
        closed -> {
          open--;
          disarm(connection);
        });
  }

  /**
   * A request has come whole enough to be looked at: the first handler of a router. Whoever wants
   * to know of the answer's end too asks the context, since a response tells one only.
   */
  public void began(RoutingContext context) {
    HttpConnection connection = context.request().connection();
    disarm(connection);
    context.addEndHandler(
        ended -> {
          if (ended.succeeded()) {
            arm(connection);
          }
        });
    context.next();
  }

  int open() {
    return open;
  }

  private void arm(HttpConnection connection) {
    disarm(connection);
    timers.put(
        connection, vertx.setTimer(limits.requestTimeout().toMillis(), t -> connection.close()));
  }

  private void disarm(HttpConnection connection) {
    Long timer = timers.remove(connection);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }
}
