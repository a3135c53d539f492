package io.muster.hub.quota;

import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Usage;

/**
 * Listens to a job on its way to whoever asked for it, for what it takes: what its node says at the
 * end; of a job that ended early what was sent of it, a token an event, and its prompt.
 */
public final class Metered implements JobListener {
  private final JobListener listener;
  private final long promptTokens;
  private boolean started;
  private long events;
  private Usage usage;

  /**
   * @param promptTokens as they were estimated
   */
  public Metered(JobListener listener, long promptTokens) {
    this.listener = listener;
    this.promptTokens = promptTokens;
  }

  /** Tokens that it has taken so far; 0 while no model was reached. */
  public long tokens() {
    if (usage != null) {
      return usage.totalTokens();
    }
    return started ? promptTokens + events : 0;
  }

  @Override
  public void started(String nodeId) {
    started = true;
    listener.started(nodeId);
  }

  @Override
  public void delta(Frame.Delta delta) {
    events += delta.count();
    listener.delta(delta);
  }

  @Override
  public void done(Frame.Done done) {
    usage = done.usage();
    listener.done(done);
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    listener.failed(fault, begun);
  }
}
