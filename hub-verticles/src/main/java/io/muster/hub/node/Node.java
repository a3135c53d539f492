package io.muster.hub.node;

import io.muster.node.NodeInfo;
import io.muster.node.NodeState;

/**
 * A node at one moment, for the balancers: immutable, replaced whenever something changes.
 *
 * @param active jobs it runs, those of other hubs included as far as its last heartbeat told
 */
public record Node(NodeInfo info, NodeState state, int active) {
  public String id() {
    return info.id();
  }

  /** Jobs it can take before it is full. */
  public int free() {
    return Math.max(0, info.maxConcurrent() - active);
  }
}
