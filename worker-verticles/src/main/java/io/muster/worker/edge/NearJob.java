package io.muster.worker.edge;

import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import java.util.function.LongSupplier;

/**
 * One near request.
 *
 * <pre>
 *   own providers ──fails before its first piece──▶ fleet ──▶ done | failed
 *        └──────────▶ done | failed (begun)
 * </pre>
 */
final class NearJob implements JobHandle, OwnJobs.Heard, Answer {
  /** Pieces from the fleet that may wait for the client before no more are asked for. */
  private static final int WINDOW = 64;

  private static final String FLEET = "fleet";
  private static final long MS = 1_000_000;

  private final EdgeDispatch edge;
  private final Job job;
  private final JobListener listener;
  private final LongSupplier nanoTime;
  private final long submittedAt;
  private long ticket;
  private ProviderCall call;
  private int seq;
  private int untaken;
  private boolean paused;
  private boolean begun;
  private boolean over;

  NearJob(EdgeDispatch edge, Job job, JobListener listener, LongSupplier nanoTime) {
    this.edge = edge;
    this.job = job;
    this.listener = listener;
    this.nanoTime = nanoTime;
    this.submittedAt = nanoTime.getAsLong();
  }

  void tryOwn() {
    ticket = edge.jobs().submit(job, this);
  }

  /**
   * Asks the fleet.
   *
   * @param otherwise what is told where no hub is there, or no time is left
   */
  void tryFleet(Fault otherwise) {
    ticket = 0;
    long left = job.timeoutMs() - (nanoTime.getAsLong() - submittedAt) / MS;
    call = left <= 0 ? null : edge.call(within(left), this);
    if (call == null) {
      end(false);
      listener.failed(otherwise, false);
    }
  }

  /** The client waits no longer because its own providers have been tried before. */
  private Job within(long timeoutMs) {
    return new Job(
        job.id(),
        job.requestId(),
        job.kind(),
        job.model(),
        job.stream(),
        job.affinity(),
        job.priority(),
        timeoutMs,
        job.body());
  }

  @Override
  public void delta(Frame.Delta delta) {
    begin(edge.nodeId());
    listener.delta(delta);
  }

  @Override
  public void done(Frame.Done done) {
    begin(edge.nodeId());
    end(true);
    listener.done(done);
  }

  /** By the own providers, or by the fleet. */
  @Override
  public void failed(Fault fault) {
    if (over) {
      return;
    }
    if (call == null && !begun && fault.failure().mayTryElsewhere()) {
      tryFleet(fault);
      return;
    }
    end(call == null);
    listener.failed(fault, begun);
  }

  @Override
  public void events(byte[] events, int count) {
    if (over) {
      return;
    }
    begin(FLEET);
    untaken++;
    if (untaken >= WINDOW && !paused) {
      paused = true;
      call.pause();
    }
    listener.delta(new Frame.Delta(0, ++seq, count, events));
  }

  @Override
  public void done(String finishReason, Usage usage, byte[] body) {
    if (!over) {
      begin(FLEET);
      end(false);
      listener.done(new Frame.Done(0, seq, finishReason, usage, body));
    }
  }

  @Override
  public void cancel(String reason) {
    if (over) {
      return;
    }
    boolean byOwn = call == null;
    end(byOwn);
    if (byOwn) {
      edge.jobs().cancel(ticket, reason);
    } else {
      call.cancel();
    }
  }

  @Override
  public void grant(int frames) {
    if (over) {
      return;
    }
    if (call == null) {
      edge.jobs().grant(ticket, frames);
      return;
    }
    untaken -= frames;
    if (paused && untaken <= WINDOW / 2) {
      paused = false;
      call.resume();
    }
  }

  @Override
  public int queuePlace() {
    return 0;
  }

  private void begin(String who) {
    if (!begun) {
      begun = true;
      listener.started(who);
    }
  }

  private void end(boolean byOwn) {
    over = true;
    edge.over(this, byOwn);
  }
}
