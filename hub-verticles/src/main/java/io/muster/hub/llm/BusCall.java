package io.muster.hub.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.http.Answers;
import io.muster.hub.http.Permit;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;

/**
 * One call of a model over the bus: what the dispatcher tells of the job goes on to the node that
 * asked, under the node's ticket and with numbers of its own; as many pieces are under way as the
 * dispatcher lets a job have, and more when the node grants them.
 *
 * <pre>
 *   admitting ──▶ running ──▶ answered | failed | gone
 * </pre>
 *
 * Each end comes once, and gives back what was admitted.
 */
final class BusCall implements JobListener {
  private final BusCalls calls;
  private final LlmProxy proxy;
  private final BusCalls.Key key;
  private final Job job;
  private final LlmEvents events;
  private final long began;
  private Permit permit;
  private JobHandle handle;
  private int seq;
  private boolean over;

  BusCall(BusCalls calls, LlmProxy proxy, BusCalls.Key key, Job job) {
    this.calls = calls;
    this.proxy = proxy;
    this.key = key;
    this.job = job;
    this.events = proxy.events(job.requestId(), key.nodeId());
    this.began = proxy.nanos();
  }

  BusCalls.Key key() {
    return key;
  }

  /** It was admitted, and is submitted. */
  void begin(Permit taken) {
    if (over) {
      taken.release();
      return;
    }
    permit = taken;
    permit.whenLost(
        () ->
            fail(Fault.of(Failure.UNREACHABLE, "The hub lost its database, which counts quotas.")));
    events.started(job.model(), job.stream());
    JobHandle submitted = proxy.dispatch().submit(job, permit.metering(this));
    handle = submitted;
    if (over) {
      submitted.cancel("it has ended");
    }
  }

  /** It was not admitted. */
  void refused(Throwable cause) {
    Fault fault =
        cause instanceof QuotaExceeded exceeded
            ? Fault.of(
                Failure.RATE_LIMITED,
                exceeded.refusal().message(),
                exceeded.refusal().retryAfterMs())
            : Fault.from(cause);
    if (!over) {
      close();
      calls.send(key, new Frame.Failed(key.ticket(), 0, fault));
      if (!(cause instanceof QuotaExceeded)) {
        // A refusal has an event of its own.
        events.failed(LlmFrames.error(cause), elapsedMs());
      }
    }
  }

  /** So many more pieces may come. */
  void grant(int pieces) {
    if (!over && handle != null && pieces > 0) {
      handle.grant(pieces);
    }
  }

  /** Nobody waits for it any more. */
  void gone(String why) {
    if (!over) {
      close();
      cancel(why);
      Fault fault = Fault.of(Failure.CANCELLED, why);
      events.failed(LlmFrames.error(fault.asException()), elapsedMs());
    }
  }

  @Override
  public void started(String nodeId) {
    if (!over) {
      calls.send(key, new Frame.Started(key.ticket()));
    }
  }

  @Override
  public void delta(Frame.Delta delta) {
    if (!over) {
      calls.send(key, new Frame.Delta(key.ticket(), ++seq, delta.count(), delta.events()));
      tell(delta);
    }
  }

  private void tell(Frame.Delta delta) {
    try {
      for (Answers.Part part : Answers.chunks(delta.events())) {
        events.chunk(part.content().length(), proxy.nanos());
      }
    } catch (IOException e) {
      fail(Fault.of(Failure.PROVIDER_ERROR, "The model server's stream cannot be read."));
    }
  }

  @Override
  public void done(Frame.Done done) {
    if (!over) {
      close();
      Usage usage = done.usage() == null ? Usage.NONE : done.usage();
      calls.send(key, new Frame.Done(key.ticket(), seq, done.finishReason(), usage, done.body()));
      events.completed(job.stream(), usage, elapsedMs());
    }
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    fail(fault);
  }

  private void fail(Fault fault) {
    if (!over) {
      close();
      cancel(fault.message());
      calls.send(key, new Frame.Failed(key.ticket(), seq, fault));
      events.failed(LlmFrames.error(fault.asException()), elapsedMs());
    }
  }

  private void cancel(String reason) {
    if (handle != null) {
      handle.cancel(reason);
    }
  }

  private void close() {
    over = true;
    calls.over(this);
    if (permit != null) {
      permit.release();
    }
  }

  private long elapsedMs() {
    return (proxy.nanos() - began) / 1_000_000;
  }
}
