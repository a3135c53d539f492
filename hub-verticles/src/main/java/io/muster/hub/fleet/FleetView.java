package io.muster.hub.fleet;

import java.util.Collection;
import java.util.Optional;

/** All nodes that the hub knows, live ones and recorded ones. Read on the event loop. */
public interface FleetView {
  /** An immutable snapshot, in a stable order. */
  Collection<NodeView> nodes();

  Optional<NodeView> node(String id);

  /** How many jobs wait for a node. */
  int queued();
}
