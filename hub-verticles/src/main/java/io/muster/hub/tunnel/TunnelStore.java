package io.muster.hub.tunnel;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.storage.Database;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.Refused;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tunnels and the leases of their ports in the database. Every change of a lease is one
 * transaction, and the table's key is what two hubs or two claims cannot both pass.
 */
final class TunnelStore {
  private final Database database;
  private final PortRange range;
  private final Clock clock;

  /** A tunnel with the node that it leads to. */
  record Held(String nodeId, String server, Planned planned) {}

  TunnelStore(Database database, PortRange range, Clock clock) {
    this.database = database;
    this.range = range;
    this.clock = clock;
  }

  /**
   * A node says which server it uses and which tunnels its settings ask for; those of its settings
   * that are not there any more lose their leases, and all do when the server is another one.
   */
  Future<TunnelPlan> sync(String nodeId, String server, List<Tunnel> own) {
    return database.transact(
        connection -> {
          Rows rows = new Rows(connection, clock.millis());
          if (!server.equals(rows.server(nodeId))) {
            rows.update("DELETE FROM tunnel_lease WHERE node_id = ?", nodeId);
            rows.update("DELETE FROM tunnel_node WHERE node_id = ?", nodeId);
            rows.update(
                "INSERT INTO tunnel_node (node_id, server, synced_at) VALUES (?, ?, ?)"
                    + " ON CONFLICT DO NOTHING",
                nodeId,
                server,
                clock.millis());
          }
          List<Refused> refused = replaceOwn(rows, nodeId, own);
          TunnelPlan plan = Leases.settle(rows, range, nodeId, server);
          refused.addAll(plan.refused());
          return new TunnelPlan(server, plan.tunnels(), refused);
        });
  }

  /**
   * An administrator orders a tunnel.
   *
   * @return it with its port; fails with CONFLICT where the node has not said which server it uses,
   *     has one of that name, or no port is to be had
   */
  Future<Tunnel> order(String nodeId, Tunnel tunnel) {
    return database.transact(
        connection -> {
          Rows rows = new Rows(connection, clock.millis());
          String server = rows.server(nodeId);
          if (server == null) {
            throw conflict("The node " + nodeId + " has no frp server: set FRP_SERVER on it.");
          }
          List<Planned> there = rows.tunnels(nodeId);
          if (there.stream().anyMatch(one -> one.tunnel().name().equals(tunnel.name()))) {
            throw conflict("The node has a tunnel '" + tunnel.name() + "' already.");
          }
          if (there.size() >= range.perNode()) {
            throw conflict("The node has " + there.size() + " tunnels, and may not have more.");
          }
          rows.insert(nodeId, tunnel, true);
          TunnelPlan plan = Leases.settle(rows, range, nodeId, server);
          for (Planned planned : plan.tunnels()) {
            if (planned.tunnel().name().equals(tunnel.name())) {
              return planned.tunnel();
            }
          }
          String reason =
              plan.refused().stream()
                  .filter(one -> one.name().equals(tunnel.name()))
                  .map(one -> one.reason())
                  .findFirst()
                  .orElse("no port is free");
          throw conflict("The tunnel cannot be: " + reason + ".");
        });
  }

  /** An ordered tunnel is to be no more, and its port is free; false where there is none. */
  Future<Boolean> cancel(String nodeId, String name) {
    return database.transact(
        connection -> {
          Rows rows = new Rows(connection, clock.millis());
          int gone =
              rows.update(
                  "DELETE FROM tunnel WHERE node_id = ? AND name = ? AND ordered = TRUE",
                  nodeId,
                  name);
          if (gone > 0) {
            rows.update("DELETE FROM tunnel_lease WHERE node_id = ? AND name = ?", nodeId, name);
          }
          return gone > 0;
        });
  }

  /** Nothing is left of the node. */
  Future<Void> forget(String nodeId) {
    return database.transact(
        connection -> {
          Rows rows = new Rows(connection, clock.millis());
          for (String table : List.of("tunnel_lease", "tunnel", "tunnel_node")) {
            rows.update("DELETE FROM " + table + " WHERE node_id = ?", nodeId);
          }
          return null;
        });
  }

  /** The tunnels of one node, or of all, with the ports that are leased to them. */
  Future<List<Held>> list(Optional<String> nodeId) {
    return database.transactLightly(
        connection -> new Rows(connection, clock.millis()).held(nodeId.orElse(null)));
  }

  /** Those that cannot be, as another has the name or there are too many. */
  private List<Refused> replaceOwn(Rows rows, String nodeId, List<Tunnel> own) throws SQLException {
    List<Planned> before = rows.tunnels(nodeId);
    List<Planned> kept = new ArrayList<>();
    for (Planned planned : before) {
      if (!planned.ordered() && !own.contains(planned.tunnel())) {
        rows.drop(nodeId, planned.tunnel().name());
      } else {
        kept.add(planned);
      }
    }
    List<Refused> refused = new ArrayList<>();
    for (Tunnel tunnel : own) {
      if (kept.contains(new Planned(tunnel, false)) || tunnel.fault() != null) {
        continue;
      }
      if (kept.stream().anyMatch(one -> one.tunnel().name().equals(tunnel.name()))) {
        refused.add(
            new Refused(
                tunnel.name(), "TUNNELS: a tunnel that was ordered at the hub has this name"));
      } else if (kept.size() >= range.perNode()) {
        refused.add(
            new Refused(
                tunnel.name(),
                "the node has "
                    + kept.size()
                    + " tunnels, and may not have more"
                    + " (TUNNELS_PER_NODE)"));
      } else {
        kept.add(new Planned(tunnel, false));
        rows.insert(nodeId, tunnel, false);
      }
    }
    return refused;
  }

  private static RuntimeException conflict(String message) {
    return Fault.of(Failure.CONFLICT, message).asException();
  }
}
