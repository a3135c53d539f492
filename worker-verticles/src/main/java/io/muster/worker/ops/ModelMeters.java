package io.muster.worker.ops;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.muster.bus.Failure;
import io.muster.runtime.metric.GenAi;
import java.util.concurrent.TimeUnit;

/** The meters of one model at one provider, looked up once and kept. */
final class ModelMeters {
  private final MeterRegistry registry;
  private final Tags labels;
  private final Timer completed;
  private final Timer firstChunk;
  private final Timer[] failed = new Timer[Failure.values().length];

  ModelMeters(MeterRegistry registry, Tags labels) {
    this.registry = registry;
    this.labels = labels;
    this.completed = GenAi.operationDuration(registry, labels, "");
    this.firstChunk = GenAi.timeToFirstChunk(registry, labels);
  }

  void firstToken(long elapsedNanos) {
    firstChunk.record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  void completed(long elapsedNanos) {
    completed.record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  void failed(Failure failure, long elapsedNanos) {
    Timer timer = failed[failure.ordinal()];
    if (timer == null) {
      timer = GenAi.operationDuration(registry, labels, WorkerMetrics.label(failure));
      failed[failure.ordinal()] = timer;
    }
    timer.record(elapsedNanos, TimeUnit.NANOSECONDS);
  }
}
