package io.muster.hub.gateway;

import io.muster.bus.Inbox;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.function.BiConsumer;

/** What a feature of the hub does with nodes that speak JSON frames over a socket. */
public interface SocketFeature {
  /**
   * The frames it takes, by type; a handler is given the frame's {@code data}, never null, and may
   * throw what {@link io.muster.hub.http.ApiErrors} makes: it becomes an {@code error} frame.
   */
  Map<String, BiConsumer<NodeSession, JsonObject>> frames();

  /**
   * What it takes from the bus in the node's name, at {@link io.muster.bus.Addresses#node}; called
   * once a session.
   */
  Inbox inbox(NodeSession session);
}
