package io.muster.worker.feature;

import io.muster.bus.Inbox;
import io.muster.runtime.health.HealthCheck;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * A part of a worker that is on or off by setting: what it takes at the node's address, what it
 * lets the node register with, and what it says of itself. All of it is called on the event loop.
 */
public interface NodeFeature {
  /** Short and lower case: a key of {@code /info} and a word of the log. */
  String name();

  /**
   * Begins. What the part needs and cannot have now (an engine, a driver, a binary) is no failure:
   * the part says so in its health and goes on looking.
   *
   * @return fails only where the settings are wrong, with a {@link
   *     io.muster.runtime.process.StartRefused}
   */
  default Future<Void> start() {
    return Future.succeededFuture();
  }

  /** Ends in order, after the last job and task; what is not over within seconds is cut off. */
  default Future<Void> stop() {
    return Future.succeededFuture();
  }

  /**
   * What it takes at {@link io.muster.bus.Addresses#node}. Of what it does for hubs alone, the
   * messages are {@link io.muster.identity.Command}s: those that get here were ordered by a hub.
   */
  default Inbox inbox() {
    return new Inbox();
  }

  /** Words for the node's capabilities, now. */
  default List<String> capabilities() {
    return List.of();
  }

  /** Its parts of {@code /health}; what is optional is never worse than degraded. */
  default List<HealthCheck> health() {
    return List.of();
  }

  /** What {@code /info} shows of it, nothing secret; null for nothing. */
  default JsonObject info() {
    return null;
  }
}
