package io.muster.worker.provider;

import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import java.util.List;

/** A model server that this worker sends jobs to, whatever protocol it speaks. */
public interface Provider {
  /** {@code openai}, {@code anthropic}, {@code ollama}, {@code demo}. */
  String name();

  /**
   * The models it serves now, its preferred one first.
   *
   * @return fails with a {@link io.muster.bus.FaultException} when the server cannot be reached
   */
  Future<List<ModelInfo>> models();

  /**
   * Sends a job to the server; called on the event loop, returns at once.
   *
   * @param answer is told what comes back, on the same event loop, never before this has returned
   */
  ProviderCall call(Job job, Answer answer);

  /** Closes its connections. */
  Future<Void> close();
}
