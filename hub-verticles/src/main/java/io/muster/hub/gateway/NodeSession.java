package io.muster.hub.gateway;

import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
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

  /** Is run once, when the connection has gone; at once when it has already. */
  void whenGone(Runnable action);

  /**
   * Stops reading from the node, for one who is behind with what it has sent.
   *
   * @return reads on; to be run once
   */
  Runnable hold();

  /**
   * Says on the bus in the node's name what it says of itself, for those who get it in another way
   * than by frames. A registration's id, instance and member are the session's, whatever it says.
   */
  void announce(NodeMessage message);
}
