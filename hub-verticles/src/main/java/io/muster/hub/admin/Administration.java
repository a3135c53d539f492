package io.muster.hub.admin;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.event.Events;
import io.muster.hub.auth.Administrators;
import io.muster.hub.config.Configuration;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.NodeRecords;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.storage.Database;
import io.muster.node.FleetNotice;
import io.muster.node.NodeCommand;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steering of the fleet, put together; used on the hub's event loop. */
public final class Administration {
  private static final Logger log = LoggerFactory.getLogger(Administration.class);
  private static final long LOOK_EVERY_MS = 10_000;

  private final String hubId;
  private final Vertx vertx;
  private final Bus bus;
  private final NodeRegistry registry;
  private final NodeRecords records;
  private final Events events;
  private final Clock clock;
  private final Steering steering;
  private final NodeOrders orders;
  private final Configuration configuration;
  private final List<ApiRoutes> routes = new ArrayList<>();
  private long timer = -1;

  /**
   * @param orders tells nodes what to do
   * @param configRetryMs milliseconds after which configuration is sent again
   */
  public Administration(
      String hubId,
      Vertx vertx,
      Bus bus,
      Database database,
      NodeRegistry registry,
      NodeRecords records,
      FleetView fleet,
      Administrators administrators,
      Events events,
      Clock clock,
      NodeOrders orders,
      long configRetryMs) {
    this.hubId = hubId;
    this.vertx = vertx;
    this.bus = bus;
    this.registry = registry;
    this.records = records;
    this.events = events;
    this.clock = clock;
    this.orders = orders;
    steering =
        new Steering(
            new SteeringStore(database),
            clock,
            registry::hold,
            () -> bus.publish(Addresses.FLEET, new FleetNotice.SteeringChanged(hubId)));
    configuration =
        new Configuration(
            vertx,
            database,
            fleet,
            steering,
            orders,
            administrators.guard(),
            events,
            clock,
            configRetryMs);
    steering.whenChanged(configuration::catchUp);
    routes.addAll(administrators.routes());
    routes.add(
        new NodeRoutes(
            fleet, steering, orders, this::forget, administrators.guard(), events, clock));
    routes.add(new GroupRoutes(steering, fleet, administrators.guard()));
    routes.add(new AuditRoutes(administrators.audit(), administrators.guard()));
    routes.add(configuration.routes());
  }

  /**
   * Knows from now on what nodes are to do; before the first of them is heard.
   *
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public Future<Void> start(Consumer<Registration> watchdog) {
    return steering
        .load()
        .compose(v -> configuration.start())
        .compose(v -> bus.<FleetNotice>listen(Addresses.FLEET, this::receive))
        .onSuccess(
            registration -> {
              watchdog.accept(registration);
              timer = vertx.setPeriodic(LOOK_EVERY_MS, id -> look());
            })
        .mapEmpty();
  }

  public List<ApiRoutes> routes() {
    return List.copyOf(routes);
  }

  /** The tags of nodes, for whoever chooses or limits by them. */
  public NodeTags tags() {
    return steering;
  }

  /** A node came, or came back: it is told what it may have missed. */
  public void online(NodeView node) {
    String id = node.info().id();
    if (steering.drained(id).isPresent()) {
      orders
          .<Ack>ask(id, new NodeCommand.DrainNode("drained by an administrator"))
          .onFailure(cause -> log.debug("node {} is not told: {}", id, cause.getMessage()));
    }
    configuration.online(id);
  }

  public void close() {
    vertx.cancelTimer(timer);
    configuration.close();
  }

  private void receive(FleetNotice notice) {
    if (notice.hubId().equals(hubId)) {
      return;
    }
    if (notice instanceof FleetNotice.NodeForgotten forgotten) {
      registry.forget(forgotten.nodeId());
    }
    look();
  }

  private void look() {
    steering
        .load()
        .onFailure(cause -> log.warn("drains and tags are not read: {}", cause.getMessage()));
  }

  private Future<Boolean> forget(String nodeId) {
    boolean known = registry.forget(nodeId);
    bus.publish(Addresses.FLEET, new FleetNotice.NodeForgotten(hubId, nodeId));
    return records
        .delete(nodeId)
        .compose(
            deleted ->
                steering
                    .forget(nodeId)
                    .map(
                        v -> {
                          if (known || deleted) {
                            events.emit(
                                "node_unregistered",
                                Map.of("nodeId", nodeId, "timestamp", clock.millis()));
                          }
                          return known || deleted;
                        }));
  }
}
