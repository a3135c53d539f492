package io.muster.hub.http;

import io.muster.bus.Fault;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** Stands in for the dispatcher: keeps what is submitted, and answers as a test says. */
final class FakeDispatch implements Dispatch {
  final List<Submitted> jobs = new CopyOnWriteArrayList<>();

  /** What happens at once with a job; by default nothing. */
  volatile Consumer<Submitted> script = job -> {};

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    Submitted submitted = new Submitted(job, listener, Vertx.currentContext());
    jobs.add(submitted);
    script.accept(submitted);
    return submitted;
  }

  Submitted last() {
    return jobs.get(jobs.size() - 1);
  }

  /** A job that the hub's HTTP side handed in. */
  static final class Submitted implements JobHandle {
    final Job job;
    final AtomicInteger granted = new AtomicInteger();
    volatile String cancelled;
    private final JobListener listener;
    private final Context context;
    private int seq;
    private int allowed;
    private int left;
    private String piece;

    Submitted(Job job, JobListener listener, Context context) {
      this.job = job;
      this.listener = listener;
      this.context = context;
    }

    @Override
    public void cancel(String reason) {
      if (cancelled == null) {
        cancelled = reason;
      }
    }

    @Override
    public void grant(int frames) {
      granted.addAndGet(frames);
      allowed += frames;
      if (piece != null) {
        later(this::pump);
      }
    }

    @Override
    public int queuePlace() {
      return 0;
    }

    /** Runs on the hub's event loop, in one turn of it. */
    void later(Runnable action) {
      context.runOnContext(turn -> action.run());
    }

    /** Sends so many pieces as a worker does: some at once, then as many as are granted. */
    void stream(String events, int pieces, int credit) {
      later(
          () -> {
            piece = events;
            left = pieces;
            allowed += credit;
            started("w");
            pump();
          });
    }

    int sent() {
      return seq;
    }

    private void pump() {
      while (allowed > 0 && left > 0 && cancelled == null) {
        allowed--;
        left--;
        delta(piece);
      }
      if (left == 0) {
        left = -1;
        done(null);
      }
    }

    void started(String nodeId) {
      listener.started(nodeId);
    }

    void delta(String events) {
      listener.delta(new Frame.Delta(1, ++seq, 1, events.getBytes(StandardCharsets.UTF_8)));
    }

    void done(String body) {
      listener.done(
          new Frame.Done(
              1,
              seq,
              "stop",
              new Usage(9, 12, false),
              body == null ? null : body.getBytes(StandardCharsets.UTF_8)));
    }

    void failed(Fault fault, boolean begun) {
      listener.failed(fault, begun);
    }
  }
}
