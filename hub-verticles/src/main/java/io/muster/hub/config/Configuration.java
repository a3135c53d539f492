package io.muster.hub.config;

import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Configuration of nodes, put together. */
public final class Configuration {
  private static final Logger log = LoggerFactory.getLogger(Configuration.class);

  private final Vertx vertx;
  private final ConfigSync sync;
  private final ConfigRoutes routes;
  private final long retryMs;
  private long timer = -1;

  /**
   * @param retryMs milliseconds after which nodes that did not acknowledge are sent theirs again
   */
  public Configuration(
      Vertx vertx,
      Database database,
      FleetView fleet,
      NodeTags tags,
      NodeOrders orders,
      AdminGuard guard,
      Events events,
      Clock clock,
      long retryMs) {
    this.vertx = vertx;
    this.retryMs = retryMs;
    sync = new ConfigSync(new ConfigStore(database), fleet, tags, orders, events, clock);
    routes = new ConfigRoutes(sync, guard);
  }

  public Future<Void> start() {
    return sync.load().onSuccess(v -> timer = vertx.setPeriodic(retryMs, id -> catchUp()));
  }

  public ApiRoutes routes() {
    return routes;
  }

  /** A node has come: it is sent what it should have. */
  public void online(String nodeId) {
    sync.online(nodeId);
  }

  /** Nodes' tags are others now, and with them what they should have. */
  public void catchUp() {
    sync.catchUp()
        .onFailure(cause -> log.warn("configuration is not read: {}", cause.getMessage()));
  }

  public void close() {
    vertx.cancelTimer(timer);
  }
}
