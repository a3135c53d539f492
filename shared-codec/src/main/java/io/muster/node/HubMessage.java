package io.muster.node;

import io.muster.identity.FleetKey;
import io.muster.identity.Order;

/** What hubs publish to all nodes, at {@link io.muster.bus.Addresses#NODES}. */
public sealed interface HubMessage {
  /**
   * The id of the hub that is this member of the cluster: another at every start of its process.
   */
  static String hubId(String memberId) {
    return "hub-" + memberId;
  }

  /** A hub is there, and wants every node to register. */
  record Hello(String hubId, String version) implements HubMessage {}

  /**
   * A hub has taken a registration.
   *
   * @param key what the fleet's commands are signed with
   */
  record Welcome(String hubId, String nodeId, String instance, FleetKey key) implements HubMessage {
    /** Before the key is added. */
    public Welcome(String hubId, String nodeId, String instance) {
      this(hubId, nodeId, instance, null);
    }
  }

  /**
   * A hub does not take a registration, for this reason; the node's process ends.
   *
   * @param seal the same as an order to end: whoever knows the fleet's key asks for it, or anybody
   *     in the cluster could end its process
   */
  record Refused(String hubId, String nodeId, String instance, String reason, Order seal)
      implements HubMessage {
    /** Before it is signed. */
    public Refused(String hubId, String nodeId, String instance, String reason) {
      this(hubId, nodeId, instance, reason, null);
    }
  }

  /** A hub heard a heartbeat of a node that it does not know. */
  record Unknown(String hubId, String nodeId, String instance) implements HubMessage {}
}
