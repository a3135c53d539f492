package io.muster.worker.ops;

import io.muster.bus.Failure;
import io.muster.bus.Fault;

/** Follows one job for the metrics, from its arrival to its one end; further ends are ignored. */
public final class JobMeter {
  private final WorkerMetrics metrics;
  private final ModelMeters model;
  private final long startedAt;
  private boolean begun;
  private boolean ended;

  JobMeter(WorkerMetrics metrics, ModelMeters model, long startedAt) {
    this.metrics = metrics;
    this.model = model;
    this.startedAt = startedAt;
  }

  /** The first piece of its stream came from the provider. */
  public void firstToken() {
    if (!begun) {
      begun = true;
      model.firstToken(metrics.nanosSince(startedAt));
    }
  }

  /** It ended well. */
  public void completed() {
    if (!ended) {
      ended = true;
      metrics.completed(model, metrics.nanosSince(startedAt));
    }
  }

  /** It failed, or was cancelled ({@link Failure#CANCELLED}). */
  public void failed(Fault fault) {
    if (!ended) {
      ended = true;
      metrics.failed(model, fault.failure(), metrics.nanosSince(startedAt));
    }
  }
}
