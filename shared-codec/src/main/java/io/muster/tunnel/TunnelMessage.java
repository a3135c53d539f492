package io.muster.tunnel;

import io.muster.identity.Command;
import java.util.List;

/** What nodes and hubs say to each other of tunnels. */
public sealed interface TunnelMessage {
  /**
   * A node asks any hub, at {@link io.muster.bus.Addresses#TUNNELS}, which tunnels it is to have
   * and which ports are leased to it: {@link io.muster.bus.Ack}, once it has got its {@link
   * TunnelPlan}. Asked again now and then: a word that the plan is another may be lost.
   *
   * @param server the frp server it uses, {@code host:port}
   * @param own those of its own settings, all of them
   */
  record SyncTunnels(String nodeId, String server, List<Tunnel> own) implements TunnelMessage {
    public SyncTunnels {
      own = own == null ? List.of() : List.copyOf(own);
    }
  }

  /**
   * What holds for the node, all of it: {@link io.muster.bus.Ack}. No answer to its question, as
   * whoever is on the bus may give one.
   *
   * @param server of which the ports are leased
   * @param tunnels its own and the hub's, with their leased ports
   * @param refused those that got no port
   */
  record TunnelPlan(String server, List<Planned> tunnels, List<Refused> refused)
      implements TunnelMessage, Command {
    public TunnelPlan {
      tunnels = tunnels == null ? List.of() : List.copyOf(tunnels);
      refused = refused == null ? List.of() : List.copyOf(refused);
    }
  }

  /** A tunnel that is to be, and whether the hub ordered it; else the node's settings did. */
  record Planned(Tunnel tunnel, boolean ordered) {}

  /** A tunnel that cannot be, and why. */
  record Refused(String name, String reason) {}

  /** A hub tells a node that its plan is another now: {@link io.muster.bus.Ack}. */
  record TunnelsChanged() implements TunnelMessage, Command {}

  /** A hub asks a node how its tunnels are: {@link TunnelReport}. */
  record ShowTunnels() implements TunnelMessage, Command {}

  /**
   * How a node's tunnels are.
   *
   * @param client what frpc does: {@code running}, {@code missing} …
   * @param problem why it does not run, null for nothing
   */
  record TunnelReport(String client, String problem, String server, List<TunnelState> tunnels)
      implements TunnelMessage {
    public TunnelReport {
      tunnels = tunnels == null ? List.of() : List.copyOf(tunnels);
    }
  }

  /**
   * How one tunnel is.
   *
   * @param ordered by the hub, else by the node's settings
   * @param status {@code running}, {@code starting}, {@code failed} or {@code off}
   * @param remote where it can be reached, null while it cannot
   * @param problem null for none
   * @param bytesIn from the server to the service since the node started, -1 where not counted
   * @param bytesOut from the service to the server
   * @param connections that were made, all in all
   */
  record TunnelState(
      Tunnel tunnel,
      boolean ordered,
      String status,
      String remote,
      String problem,
      long bytesIn,
      long bytesOut,
      long connections) {}
}
