package io.muster.hub;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;

/** What all parts of one hub's process have in common. */
record HubContext(
    Settings settings,
    HubConfig config,
    Cluster cluster,
    Bus bus,
    String hubId,
    BuildInfo build,
    Events events,
    MeterRegistry meters,
    Clock clock) {
  Vertx vertx() {
    return cluster.vertx();
  }

  /** Whether, of all hubs that live, this one joined first: what one of them is to do is its. */
  boolean isFirst() {
    List<String> hubs = cluster.hubs();
    return !hubs.isEmpty() && hubs.get(0).equals(cluster.memberId());
  }
}
