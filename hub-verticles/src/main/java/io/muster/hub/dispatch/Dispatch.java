package io.muster.hub.dispatch;

import io.muster.job.Job;

/** Where the protocols hand their jobs in. */
public interface Dispatch {
  /**
   * Takes a job: queues it, finds a node, follows it to its end. Called on the hub's event loop;
   * the listener may be called before this returns.
   */
  JobHandle submit(Job job, JobListener listener);
}
