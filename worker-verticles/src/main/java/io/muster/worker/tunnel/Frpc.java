package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/** Starts frpc; in tests, something that plays it. */
interface Frpc {
  /** Whether the program is there now. */
  Future<Boolean> isInstalled();

  /** Starts it with these; fails when there is nothing to be started. */
  Future<Running> start(List<Tunnel> tunnels);

  /** One process of it. All futures end on the event loop. */
  interface Running {
    /** Its last words and its exit status, when it has ended. */
    Future<String> ended();

    /** How its tunnels are; fails when it does not answer. */
    Future<Map<String, ProxyState>> status();

    /**
     * Has these in place of those before.
     *
     * @return fails with an {@link IllegalArgumentException} of frpc's words when it refuses them
     */
    Future<Void> reload(List<Tunnel> tunnels);

    /** Ends it at once. */
    void kill();

    /** Ends it in order, at once after a while. */
    Future<Void> stop();
  }
}
