package io.muster.node;

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

  /** A hub has taken a registration. */
  record Welcome(String hubId, String nodeId, String instance) implements HubMessage {}

  /** A hub does not take a registration, for this reason; the node's process ends. */
  record Refused(String hubId, String nodeId, String instance, String reason)
      implements HubMessage {}

  /** A hub heard a heartbeat of a node that it does not know. */
  record Unknown(String hubId, String nodeId, String instance) implements HubMessage {}
}
