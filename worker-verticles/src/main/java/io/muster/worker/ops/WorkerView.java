package io.muster.worker.ops;

import io.muster.metric.Sample;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.BuildInfo;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * The worker as its operators' interface sees it.
 *
 * @param startedAt milliseconds since 1970
 * @param sample the last figures of machine and process, null until the first were taken; asked on
 *     any thread
 * @param dataFolder DATA_DIR
 */
public record WorkerView(
    BuildInfo build,
    long startedAt,
    WorkerStatus status,
    Supplier<Sample> sample,
    LoopLag lag,
    Path dataFolder,
    Clock clock) {

  long uptimeMs() {
    return clock.millis() - startedAt;
  }
}
