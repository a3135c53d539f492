package io.muster.hub.gateway;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * What speaks with a node in binary frames: the relay of the bus for Muster's own workers. One is
 * opened for each session whose registration carries {@code muster}; it serves the node's address
 * in place of the {@link SocketFeature}s' inboxes. Used on the hub's event loop.
 */
public interface BinaryPeer {
  /** Makes the peers. */
  interface Factory {
    /**
     * The node has proved who it is; {@code node_registered} has been sent, and hubs hear of it
     * once the peer is {@link #ready}.
     *
     * @param send sends one binary frame; it is dropped when the connection is gone. {@link
     *     NodeSession#isFull} and {@link NodeSession#whenDrained} tell of these too
     */
    BinaryPeer open(NodeSession session, Consumer<Buffer> send);
  }

  /** When the node's address is served, so that jobs can be sent to it. */
  default Future<?> ready() {
    return Future.succeededFuture();
  }

  /** One whole binary message from the node, of at most {@code NODE_MAX_FRAME_BYTES}. */
  void receive(Buffer message);

  /** The connection has gone, or another one of the node took its place; called once. */
  void closed();
}
