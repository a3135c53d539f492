package io.muster.hub.gateway;

import io.muster.node.NodeInfo;
import io.vertx.core.json.JsonObject;

/**
 * A node's connection to this hub's socket, from its registration on. What comes over it is bound
 * to the node id that was proved when it was opened. Used on the hub's event loop.
 */
public interface NodeSession {
  String nodeId();

  /** As it last registered. */
  NodeInfo info();

  /**
   * Sends one frame, {@code {type, data}}.
   *
   * @return false when the connection is gone, or so far behind that it is being closed
   */
  boolean send(String type, JsonObject data);

  /** Whether the other side takes too little: what can wait should, until {@link #whenDrained}. */
  boolean isFull();

  /** Is run once, when the connection can take more. */
  void whenDrained(Runnable action);

  /** Ends the connection; the node is told why, and comes back as it likes. */
  void close(String reason);

  /** Is run once, when the connection has gone; at once when it has already. */
  void whenGone(Runnable action);
}
