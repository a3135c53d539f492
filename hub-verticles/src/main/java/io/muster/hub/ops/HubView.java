package io.muster.hub.ops;

import io.muster.hub.fleet.FleetView;
import io.muster.metric.Sample;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.BuildInfo;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * The hub as its operators' interface sees it.
 *
 * @param id another at every start of its process
 * @param startedAt milliseconds since 1970
 * @param sample the last figures of machine and process, null until the first were taken; asked on
 *     any thread
 */
public record HubView(
    String id,
    BuildInfo build,
    long startedAt,
    FleetView fleet,
    ExpectedWorkers expected,
    Supplier<Sample> sample,
    LoopLag lag,
    Clock clock) {

  long now() {
    return clock.millis();
  }

  long uptimeMs() {
    return clock.millis() - startedAt;
  }
}
