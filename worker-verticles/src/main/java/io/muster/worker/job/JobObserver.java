package io.muster.worker.job;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;

/** Sees every job of this worker go by, for its metrics and log; called on the event loop. */
public interface JobObserver {
  void started(Job job);

  /**
   * @param elapsedNanos since the job arrived
   */
  void firstToken(Job job, long elapsedNanos);

  /**
   * @param elapsedNanos since the job arrived
   */
  void completed(Job job, Usage usage, long elapsedNanos);

  /**
   * @param elapsedNanos since the job arrived
   */
  void failed(Job job, Fault fault, long elapsedNanos);

  /**
   * @param elapsedNanos since the job arrived
   */
  void cancelled(Job job, String reason, long elapsedNanos);
}
