package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import java.util.List;

/**
 * What of a plan this node does: its owner's own tunnels, and of those that the hub orders what the
 * owner allows. Pure.
 *
 * @param own the owner's own, as in the settings
 * @param fromHub whether the hub may order any
 * @param targets {@code HOST:PORT} or {@code HOST:*}; none: any port of 127.0.0.1
 */
record TunnelPolicy(List<Tunnel> own, boolean fromHub, List<String> targets) {
  private static final String LOOPBACK = "127.0.0.1";

  TunnelPolicy {
    own = List.copyOf(own);
    targets = List.copyOf(targets);
  }

  /** Why it is not done; null when it is. */
  String refusal(Planned planned) {
    Tunnel tunnel = planned.tunnel();
    Tunnel.Fault fault = tunnel.fault();
    if (fault != null) {
      return fault.field() + " has to be " + fault.expected();
    }
    if (tunnel.type().takesPort() && tunnel.remotePort() == 0) {
      return "no port is leased to it";
    }
    if (!planned.ordered()) {
      // The hub repeats what it was told in this node's name, which anybody on the bus may do.
      return own.stream().anyMatch(mine -> isAt(mine, tunnel))
          ? null
          : "it is said to be of this node's settings, and is not (TUNNELS)";
    }
    if (!fromHub) {
      return "the node's owner takes no tunnels from the hub (TUNNELS_FROM_HUB)";
    }
    boolean allowed =
        targets.isEmpty()
            ? tunnel.localHost().equals(LOOPBACK)
            : targets.contains(tunnel.localHost() + ":" + tunnel.localPort())
                || targets.contains(tunnel.localHost() + ":*");
    return allowed ? null : "the node's owner does not allow this target (TUNNEL_TARGETS)";
  }

  private static boolean isAt(Tunnel mine, Tunnel planned) {
    return (mine.remotePort() == 0 ? mine.at(planned.remotePort()) : mine).equals(planned);
  }
}
