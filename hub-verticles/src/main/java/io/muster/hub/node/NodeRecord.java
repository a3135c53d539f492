package io.muster.hub.node;

import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;

/**
 * What is kept of a node over restarts of the hub.
 *
 * @param info as it last registered
 * @param status as it was last seen
 * @param registeredAt milliseconds since 1970
 * @param lastHeartbeat milliseconds since 1970, the registration counts as one
 * @param stats as it last reported
 */
public record NodeRecord(
    NodeInfo info, NodeState status, long registeredAt, long lastHeartbeat, NodeStats stats) {

  /** What a hub knows of the node now. */
  public static NodeRecord of(RemoteNode node) {
    return new NodeRecord(
        node.info(), node.state(), node.registeredAt(), node.lastHeartbeat(), node.stats());
  }
}
