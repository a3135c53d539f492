package io.muster.runtime.cluster;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.concurrent.TimeUnit;

/** The Vert.x of a process that is no member of a cluster: its event bus ends where it ends. */
public final class Unclustered {
  private static final long EVENT_LOOP_WARNING_MS = 500;

  private Unclustered() {}

  /** A Vert.x like a member's, but for the bus. */
  public static Vertx vertx() {
    return Vertx.vertx(options());
  }

  /** What every process of the fleet has. */
  static VertxOptions options() {
    return new VertxOptions()
        // One thread for all state, so that nothing is locked and nothing hops between threads;
        // more work is spread on more hubs and workers.
        .setEventLoopPoolSize(1)
        .setPreferNativeTransport(false)
        .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
        .setMaxEventLoopExecuteTime(EVENT_LOOP_WARNING_MS);
  }
}
