package io.muster.worker.job;

import io.muster.bus.Fault;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.worker.ops.JobMeter;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import java.util.Arrays;

/**
 * One job on this worker, between the provider that answers and the hub that asked.
 *
 * <pre>
 *   RUNNING ◀──credit──▶ PAUSED (no credit: nothing is read from the provider)
 *      │                   │
 *      └──── ENDED ◀───────┘   done, failed, cancelled
 * </pre>
 */
final class JobRun implements Answer {
  /** Pieces above this size are sent as several frames, so that credit bounds memory too. */
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  /** What a run tells the jobs it belongs to. */
  interface Ended {
    void completed(JobRun run, Usage usage);

    void failed(JobRun run, Fault fault);
  }

  final String hubId;
  final long ticket;
  final Job job;
  final JobMeter meter;
  final long startedAt;
  long lastFrameAt;
  boolean acknowledged;

  /** Whether a frame was sent since the last look at the clock, which is not looked at for each. */
  boolean spoke;

  private final Outbox outbox;
  private final CreditWindow credit;
  private final Ended ended;
  private ProviderCall call;
  private boolean paused;
  private boolean over;
  private int seq;

  JobRun(
      String hubId,
      long ticket,
      Job job,
      int credit,
      Outbox outbox,
      Ended ended,
      JobMeter meter,
      long now) {
    this.hubId = hubId;
    this.ticket = ticket;
    this.job = job;
    this.startedAt = now;
    this.lastFrameAt = now;
    this.outbox = outbox;
    this.credit = new CreditWindow(credit);
    this.ended = ended;
    this.meter = meter;
  }

  void attach(ProviderCall providerCall) {
    call = providerCall;
    if (paused) {
      call.pause();
    }
  }

  /** Tells the hub that the job is here and still worked on. */
  void alive(long now) {
    acknowledged = true;
    lastFrameAt = now;
    outbox.add(new Frame.Started(ticket));
  }

  void grant(int frames) {
    credit.grant(frames);
    if (paused && !credit.isEmpty()) {
      paused = false;
      if (call != null) {
        call.resume();
      }
    }
  }

  /** Ends the job down to the provider's connection; the hub hears nothing more of it. */
  void cancel() {
    over = true;
    if (call != null) {
      call.cancel();
    }
  }

  @Override
  public void events(byte[] events, int count) {
    if (over) {
      return;
    }
    if (seq == 0) {
      meter.firstToken();
    }
    acknowledged = true;
    spoke = true;
    if (events.length <= MAX_FRAME_BYTES) {
      send(events, count);
    } else {
      sendInParts(events, count);
    }
    if (credit.isEmpty() && !paused) {
      paused = true;
      if (call != null) {
        call.pause();
      }
    }
  }

  @Override
  public void done(String finishReason, Usage usage, byte[] body) {
    if (over) {
      return;
    }
    over = true;
    outbox.add(new Frame.Done(ticket, seq, finishReason, usage, body));
    meter.completed();
    ended.completed(this, usage);
  }

  @Override
  public void failed(Fault fault) {
    if (over) {
      return;
    }
    over = true;
    outbox.add(new Frame.Failed(ticket, seq, fault));
    meter.failed(fault);
    ended.failed(this, fault);
  }

  private void send(byte[] events, int count) {
    outbox.add(new Frame.Delta(ticket, ++seq, count, events));
    credit.spend();
  }

  /** Cuts between events: each ends with an empty line. */
  private void sendInParts(byte[] events, int total) {
    int start = 0;
    int sent = 0;
    int count = 0;
    for (int i = 1; i < events.length - 1; i++) {
      if (events[i] == '\n' && events[i - 1] == '\n') {
        count++;
        if (i + 1 - start >= MAX_FRAME_BYTES / 2) {
          send(Arrays.copyOfRange(events, start, i + 1), count);
          start = i + 1;
          sent += count;
          count = 0;
        }
      }
    }
    send(Arrays.copyOfRange(events, start, events.length), Math.max(1, total - sent));
  }
}
