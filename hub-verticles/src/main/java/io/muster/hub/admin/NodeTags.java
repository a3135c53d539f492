package io.muster.hub.admin;

import java.util.Set;

/** The tags that administrators gave to nodes; read from memory, on the hub's event loop. */
public interface NodeTags {
  /** Of a node, known or not; empty for none. */
  Set<String> of(String nodeId);
}
