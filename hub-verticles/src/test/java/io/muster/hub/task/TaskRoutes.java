package io.muster.hub.task;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** The routes of tasks at a hub without nodes, where everybody may administer. */
public final class TaskRoutes {
  private TaskRoutes() {}

  public static ApiRoutes of(Vertx vertx, Bus bus, Database database) {
    return new Tasks(
            vertx,
            bus,
            database,
            "hub-test",
            TaskOptions.defaults(),
            new Tasks.Fleet(List::of, id -> null, id -> Set.of()),
            new Events("hub-test", event -> {}, Clock.systemUTC()),
            new SimpleMeterRegistry(),
            Clock.systemUTC())
        .routes(new Anybody());
  }
}
