package io.muster.runtime.health;

import io.vertx.core.Future;
import java.util.function.Supplier;

/** Looks after one part of a process. Called on the event loop for every report. */
public interface HealthCheck {
  /** The part's name in the report. */
  String name();

  /** Looks; a failed future counts as {@link HealthStatus#UNHEALTHY}. */
  Future<Finding> find();

  /** A check that needs only to look at what is in memory. */
  static HealthCheck of(String name, Supplier<Finding> look) {
    return new HealthCheck() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Future<Finding> find() {
        return Future.succeededFuture(look.get());
      }
    };
  }
}
