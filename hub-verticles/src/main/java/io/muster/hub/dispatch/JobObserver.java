package io.muster.hub.dispatch;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;

/** Sees every job go by, for the metrics; called on the hub's event loop, so it is quick. */
public interface JobObserver {
  /** A job came in. */
  void submitted(Job job);

  /** An attempt was sent to a node. */
  void attempted(Job job, String nodeId, int attempt);

  /**
   * An attempt failed; another may follow.
   *
   * @param elapsedNanos since the attempt was sent
   */
  void attemptFailed(Job job, String nodeId, Fault fault, long elapsedNanos);

  /**
   * The first piece of a stream came.
   *
   * @param elapsedNanos since the job was submitted
   */
  void firstToken(Job job, String nodeId, long elapsedNanos);

  /**
   * A job ended well.
   *
   * @param elapsedNanos since the job was submitted
   */
  void completed(Job job, String nodeId, Usage usage, long elapsedNanos);

  /**
   * A job failed for good or was cancelled ({@link io.muster.bus.Failure#CANCELLED}).
   *
   * @param nodeId the last that tried it, null when none did
   */
  void failed(Job job, String nodeId, Fault fault, long elapsedNanos);
}
