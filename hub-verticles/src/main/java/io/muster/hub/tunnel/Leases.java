package io.muster.hub.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.Refused;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives the tunnels of a node their ports: those that they have stay, those that lack one get it.
 */
final class Leases {
  private Leases() {}

  static TunnelPlan settle(Rows rows, PortRange range, String nodeId, String server)
      throws SQLException {
    List<Planned> tunnels = new ArrayList<>();
    List<Refused> refused = new ArrayList<>();
    Map<String, Integer> leases = rows.leases(nodeId);
    for (Planned planned : rows.tunnels(nodeId)) {
      Tunnel tunnel = planned.tunnel();
      if (!tunnel.type().takesPort()) {
        tunnels.add(planned);
        continue;
      }
      Integer leased = leases.get(tunnel.name());
      int port = leased != null ? leased : lease(rows, range, nodeId, server, tunnel);
      if (port > 0) {
        tunnels.add(new Planned(tunnel.at(port), planned.ordered()));
      } else {
        refused.add(new Refused(tunnel.name(), reason(tunnel, range)));
      }
    }
    return new TunnelPlan(server, tunnels, refused);
  }

  /** 0 where there is none for it. */
  private static int lease(Rows rows, PortRange range, String nodeId, String server, Tunnel tunnel)
      throws SQLException {
    String protocol = tunnel.type().label();
    int wanted = tunnel.remotePort();
    if (wanted > 0) {
      boolean got =
          range.contains(wanted) && rows.lease(server, protocol, wanted, nodeId, tunnel.name());
      return got ? wanted : 0;
    }
    Set<Integer> taken = rows.taken(server, protocol);
    for (int port = range.from(); port <= range.to(); port++) {
      // Where another hub is faster the next one is as good.
      if (!taken.contains(port) && rows.lease(server, protocol, port, nodeId, tunnel.name())) {
        return port;
      }
    }
    return 0;
  }

  private static String reason(Tunnel tunnel, PortRange range) {
    if (tunnel.remotePort() == 0) {
      return "no port from %d to %d of the frp server is free".formatted(range.from(), range.to());
    }
    return range.contains(tunnel.remotePort())
        ? "port " + tunnel.remotePort() + " of the frp server is leased to another tunnel"
        : "port %d is not from %d to %d (TUNNEL_PORT_MIN, TUNNEL_PORT_MAX)"
            .formatted(tunnel.remotePort(), range.from(), range.to());
  }
}
