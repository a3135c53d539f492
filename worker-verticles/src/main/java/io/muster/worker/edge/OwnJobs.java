package io.muster.worker.edge;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Jobs that this worker is given by its own near service. They go the way of a hub's, so that the
 * same limits, deadlines and figures hold for all that a worker does.
 */
final class OwnJobs {
  private static final int CREDIT = 64;
  private static final long GRACE_NANOS = 5_000_000_000L;
  private static final long MS = 1_000_000;

  private final String hubId;
  private final OwnModels own;
  private final LongSupplier nanoTime;
  private final Map<Long, Run> runs = new HashMap<>();
  private long lastTicket;

  /** What is told of one job. */
  interface Heard {
    void delta(Frame.Delta delta);

    void done(Frame.Done done);

    void failed(Fault fault);
  }

  private record Run(Heard heard, long deadline) {}

  OwnJobs(String hubId, OwnModels own, LongSupplier nanoTime) {
    this.hubId = hubId;
    this.own = own;
    this.nanoTime = nanoTime;
  }

  /** Starts it; what becomes of it is told after this has returned. */
  long submit(Job job, Heard heard) {
    long ticket = ++lastTicket;
    runs.put(ticket, new Run(heard, nanoTime.getAsLong() + job.timeoutMs() * MS + GRACE_NANOS));
    own.give(new JobMessage.Submit(hubId, ticket, CREDIT, job));
    return ticket;
  }

  void cancel(long ticket, String reason) {
    if (runs.remove(ticket) != null) {
      own.give(new JobMessage.Cancel(hubId, ticket, reason));
    }
  }

  void grant(long ticket, int frames) {
    if (runs.containsKey(ticket)) {
      own.give(new JobMessage.Credit(hubId, ticket, frames));
    }
  }

  void receive(FrameBatch batch) {
    for (Frame frame : batch.frames()) {
      if (frame instanceof Frame.Delta delta) {
        Run run = runs.get(frame.ticket());
        if (run != null) {
          run.heard.delta(delta);
        }
      } else if (!(frame instanceof Frame.Started)) {
        end(frame);
      }
    }
  }

  private void end(Frame frame) {
    Run run = runs.remove(frame.ticket());
    if (run == null) {
      return;
    }
    if (frame instanceof Frame.Done done) {
      run.heard.done(done);
    } else if (frame instanceof Frame.Failed failed) {
      run.heard.failed(failed.fault());
    }
  }

  /** Ends what should have ended by itself. */
  void sweep() {
    long now = nanoTime.getAsLong();
    for (long ticket : List.copyOf(runs.keySet())) {
      Run run = runs.get(ticket);
      if (run != null && now - run.deadline > 0) {
        cancel(ticket, "deadline");
        run.heard.failed(Fault.of(Failure.DEADLINE, "the job's time is over"));
      }
    }
  }

  int running() {
    return runs.size();
  }
}
