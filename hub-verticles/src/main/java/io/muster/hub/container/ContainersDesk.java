package io.muster.hub.container;

import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.runtime.settings.ContainerSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Containers and model servers, put together; used on the hub's event loop. */
public final class ContainersDesk {
  private final Bus bus;
  private final ContainerOrders orders;
  private final ContainerStore store;
  private final Placer placer;
  private final ServerReconciler reconciler;
  private final Events events;
  private final Clock clock;

  /**
   * @param nodes has nodes do something
   * @param first whether it is this hub, of all, that sees to model servers
   */
  public ContainersDesk(
      Vertx vertx,
      Bus bus,
      Settings settings,
      Database database,
      FleetView fleet,
      NodeTags tags,
      NodeOrders nodes,
      BooleanSupplier first,
      Events events,
      Clock clock) {
    this.bus = bus;
    this.events = events;
    this.clock = clock;
    this.orders =
        new ContainerOrders(
            nodes,
            fleet,
            tags,
            Duration.ofMillis(settings.get(ContainerSettings.CONTAINER_ORDER_TIMEOUT_MS)));
    this.store = new ContainerStore(database);
    this.placer = new Placer(orders, store, clock);
    this.reconciler =
        new ServerReconciler(
            vertx,
            orders,
            store,
            first,
            events,
            clock,
            settings.get(ContainerSettings.MODEL_SERVER_LOOK_MS),
            settings.get(ContainerSettings.MODEL_SERVER_MOVE_AFTER_MS));
  }

  /** Sees to model servers from now on. */
  public void start() {
    reconciler.start();
  }

  /** While the database is still open. */
  public void close() {
    reconciler.close();
  }

  public List<ApiRoutes> routes(AdminGuard guard) {
    return List.of(
        new ContainerRoutes(bus, orders, placer, guard),
        new ServerRoutes(orders, store, reconciler, guard, events, clock));
  }
}
