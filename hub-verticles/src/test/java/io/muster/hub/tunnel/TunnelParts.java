package io.muster.hub.tunnel;

import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The routes of tunnels at a hub that knows the node {@code a}, which uses an frp server. */
public final class TunnelParts {
  private TunnelParts() {}

  public static ApiRoutes routes(Bus bus, Database database, AdminGuard guard) {
    Settings settings = Settings.load(Role.HUB, Map.of(), Path.of("target"));
    Tunnels tunnels =
        new Tunnels(
            bus,
            NodeOrders.over(bus, Duration.ofSeconds(10), (node, command) -> (Record) command),
            database,
            new SomeNodes().with(SomeNodes.online("a", "m")),
            settings,
            new Events("hub-test", event -> {}, Clock.systemUTC()),
            Clock.systemUTC());
    TestDatabase.await(
        new TunnelStore(database, new PortRange(1, 2, 1), Clock.systemUTC())
            .sync("a", "frp.example.org:7000", List.of()));
    return tunnels.routes(guard);
  }
}
