package io.muster.hub.node;

import io.muster.node.HubMessage;

/** What the registry tells others; called on the hub's event loop. */
public interface NodeEvents {
  /** A node is gone, or a new process took its place: whatever the old one ran is lost. */
  void lost(RemoteNode node, String why);

  /** A node can take more than before: it came, came back, or serves other models now. */
  void available(RemoteNode node);

  /** What a node is told, published to all of them. */
  void tellNodes(HubMessage message);

  /** It registered, or its state changed: that outlives this process. */
  void changed(RemoteNode node);

  /** A heartbeat came, and nothing else changed. */
  void heard(RemoteNode node);
}
