package io.muster.hub.container;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The routes of containers at a hub that knows the node {@code a}, which plays its containers. */
public final class ContainerParts {
  private ContainerParts() {}

  public static List<ApiRoutes> routes(Vertx vertx, Bus bus, Database database, AdminGuard guard) {
    bus.open(Addresses.node("a"), new PlayedNode("a").inbox()).await();
    return new ContainersDesk(
            vertx,
            bus,
            Settings.load(Role.HUB, Map.of(), Path.of("target")),
            database,
            new SomeNodes().with(SomeNodes.online("a", "m")),
            nodeId -> Set.of(),
            NodeOrders.over(bus, Duration.ofSeconds(10), (node, command) -> (Record) command),
            () -> true,
            new Events("hub-test", event -> {}, Clock.systemUTC()),
            Clock.systemUTC())
        .routes(guard);
  }
}
