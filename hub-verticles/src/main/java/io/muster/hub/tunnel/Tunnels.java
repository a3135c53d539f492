package io.muster.hub.tunnel;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Registration;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.node.FleetNotice;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.TunnelSettings;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage;
import io.muster.tunnel.TunnelMessage.SyncTunnels;
import io.muster.tunnel.TunnelMessage.TunnelReport;
import io.vertx.core.Future;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tunnels at this hub: what nodes ask, what administrators order. Used on the event loop. */
public final class Tunnels {
  private static final Logger log = LoggerFactory.getLogger(Tunnels.class);
  private static final Duration NODE_TIMEOUT = Duration.ofSeconds(5);

  private final Bus bus;
  private final NodeOrders orders;
  private final TunnelStore store;
  private final FleetView fleet;
  private final Events events;

  /**
   * @param orders has nodes do something
   * @throws StartRefused when the range of ports is none
   */
  public Tunnels(
      Bus bus,
      NodeOrders orders,
      Database database,
      FleetView fleet,
      Settings settings,
      Events events,
      Clock clock) {
    int from = settings.get(TunnelSettings.TUNNEL_PORT_MIN);
    int to = settings.get(TunnelSettings.TUNNEL_PORT_MAX);
    if (from > to) {
      throw new StartRefused(
          "TUNNEL_PORT_MIN=%d must not be above TUNNEL_PORT_MAX=%d".formatted(from, to));
    }
    this.bus = bus;
    this.orders = orders;
    this.store =
        new TunnelStore(
            database,
            new PortRange(from, to, settings.get(TunnelSettings.TUNNELS_PER_NODE)),
            clock);
    this.fleet = fleet;
    this.events = events;
  }

  /**
   * Answers nodes from now on.
   *
   * @param watchdog watches the registrations, so that a lost one is made anew
   */
  public Future<Void> start(Consumer<Registration> watchdog) {
    return bus.<TunnelMessage, Ack>serve(Addresses.TUNNELS, this::answer)
        .onSuccess(watchdog::accept)
        .compose(v -> bus.<FleetNotice>listen(Addresses.FLEET, this::hear))
        .onSuccess(watchdog::accept)
        .mapEmpty();
  }

  public ApiRoutes routes(AdminGuard guard) {
    return new TunnelRoutes(this, store, fleet, guard);
  }

  private Future<Ack> answer(TunnelMessage message) {
    if (message instanceof SyncTunnels sync && sync.nodeId() != null && sync.server() != null) {
      if (!isUp(sync.nodeId())) {
        // It could not be told its plan.
        throw Fault.of(Failure.UNREACHABLE, sync.nodeId() + " has not registered here yet")
            .asException();
      }
      return store
          .sync(sync.nodeId(), sync.server(), sync.own())
          .compose(plan -> orders.ask(sync.nodeId(), plan, NODE_TIMEOUT));
    }
    throw Fault.of(Failure.BAD_REQUEST, "a hub does not take this").asException();
  }

  /** Every hub hears it, and what one of them has done the others find done. */
  private void hear(FleetNotice notice) {
    if (notice instanceof FleetNotice.NodeForgotten forgotten) {
      store
          .forget(forgotten.nodeId())
          .onFailure(
              cause ->
                  log.warn(
                      "the ports of {} stay leased: {}", forgotten.nodeId(), cause.toString()));
    }
  }

  Future<Tunnel> order(String nodeId, Tunnel tunnel, String by) {
    return store
        .order(nodeId, tunnel)
        .onSuccess(
            made -> {
              Map<String, Object> data = event(nodeId, made.name(), by);
              if (made.remotePort() > 0) {
                data.put("remotePort", made.remotePort());
              }
              events.emit("tunnel_created", data);
              tellQuietly(nodeId);
            });
  }

  /** False where there is none of that name that was ordered. */
  Future<Boolean> cancel(String nodeId, String name, String by) {
    return store
        .cancel(nodeId, name)
        .onSuccess(
            gone -> {
              if (gone) {
                events.emit("tunnel_deleted", event(nodeId, name, by));
                tellQuietly(nodeId);
              }
            });
  }

  /** How the node says its tunnels are; fails where it cannot be asked, or refuses to say. */
  Future<TunnelReport> report(String nodeId) {
    return isUp(nodeId)
        ? orders.ask(nodeId, new TunnelMessage.ShowTunnels(), NODE_TIMEOUT)
        : Future.failedFuture(
            Fault.of(Failure.UNREACHABLE, "node " + nodeId + " is away").asException());
  }

  private void tellQuietly(String nodeId) {
    if (isUp(nodeId)) {
      // One that does not hear it asks by itself before long.
      orders
          .<Ack>ask(nodeId, new TunnelMessage.TunnelsChanged(), NODE_TIMEOUT)
          .onFailure(cause -> log.debug("{} is not told: {}", nodeId, cause.getMessage()));
    }
  }

  private boolean isUp(String nodeId) {
    return fleet.node(nodeId).map(NodeView::isUp).orElse(false);
  }

  private static Map<String, Object> event(String nodeId, String name, String by) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    data.put("tunnel", name);
    data.put("by", by);
    return data;
  }
}
