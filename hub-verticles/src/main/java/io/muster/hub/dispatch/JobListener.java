package io.muster.hub.dispatch;

import io.muster.bus.Fault;
import io.muster.job.Frame;

/**
 * What becomes of a job, told to whoever asked for it, on the hub's event loop.
 *
 * <pre>
 *   started ──▶ delta* ──▶ done | failed
 * </pre>
 *
 * {@code failed} may come at any moment; after {@code done} or {@code failed} comes nothing.
 */
public interface JobListener {
  /**
   * Its first piece or its answer is about to be told; from here on no other node is tried.
   *
   * @param nodeId who answers
   */
  void started(String nodeId);

  /**
   * The next piece of a stream. Whoever asked grants as many more ({@link JobHandle#grant}) as it
   * has passed on.
   */
  void delta(Frame.Delta delta);

  void done(Frame.Done done);

  /**
   * The job failed for good.
   *
   * @param begun whether {@link #started} was called: then a client has seen the beginning already
   */
  void failed(Fault fault, boolean begun);
}
