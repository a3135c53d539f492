package io.muster.worker.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;

/**
 * One call of a model through a hub.
 *
 * <pre>
 *   asked ──▶ taken ──▶ events* ──▶ done | failed | cancelled
 * </pre>
 *
 * The hub is granted a piece for each that was passed on, and none while the caller pauses.
 */
final class FleetCall implements ProviderCall {
  private static final long GRACE_MS = 5_000;

  /** A hub says every 5 s that it works on a call: one that does not is gone. */
  private static final long SILENCE_MS = 20_000;

  private final FleetModels models;
  private final long ticket;
  private final Job job;
  private final Answer answer;
  private final long startedAt;
  private long heardAt;
  private String hubId;
  private int seq;
  private int owed;
  private boolean paused;
  private boolean over;

  FleetCall(FleetModels models, long ticket, Job job, Answer answer, long nowNanos) {
    this.models = models;
    this.ticket = ticket;
    this.job = job;
    this.answer = answer;
    this.startedAt = nowNanos;
    this.heardAt = nowNanos;
  }

  /** Null until one has it. */
  String hubId() {
    return hubId;
  }

  void takenBy(String hub) {
    hubId = hub;
    if (over) {
      models.cancel(hub, ticket, "it was given up");
    }
  }

  void receive(String hub, Frame frame) {
    hubId = hub;
    heardAt = models.now();
    if (frame instanceof Frame.Delta delta) {
      if (delta.seq() == seq + 1) {
        seq++;
        owed++;
        answer.events(delta.events(), delta.count());
        grant();
      } else if (delta.seq() > seq) {
        broken();
      }
    } else if (frame instanceof Frame.Done done) {
      if (done.seq() != seq) {
        broken();
        return;
      }
      close();
      answer.done(
          done.finishReason(), done.usage() == null ? Usage.NONE : done.usage(), done.body());
    } else if (frame instanceof Frame.Failed failed) {
      failed(failed.fault());
    }
  }

  /** It ends without an answer. */
  void failed(Fault fault) {
    if (!over) {
      close();
      answer.failed(fault);
    }
  }

  /** Judges it by the clock: the hub should have ended it by then, or its word was lost. */
  void check(long now) {
    if (job.timeoutMs() > 0
        && models.elapsedMs(startedAt, now) > job.timeoutMs() + GRACE_MS
        && !over) {
      cancelAtHub("deadline");
      failed(Fault.of(Failure.DEADLINE, "no hub has answered in " + job.timeoutMs() + " ms"));
    }
    if (models.elapsedMs(heardAt, now) > SILENCE_MS && !over) {
      // Not the hub of this node's socket, perhaps, of which it would hear otherwise.
      cancelAtHub("nothing was heard of it");
      failed(Fault.of(Failure.NODE_LOST, "nothing was heard of the hub for " + SILENCE_MS + " ms"));
    }
  }

  @Override
  public void cancel() {
    if (!over) {
      close();
      cancelAtHub("the caller went away");
    }
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    grant();
  }

  private void grant() {
    if (!paused && !over && owed > 0) {
      models.grant(hubId, ticket, owed);
      owed = 0;
    }
  }

  private void broken() {
    cancelAtHub("pieces are missing");
    failed(Fault.of(Failure.STREAM_BROKEN, "pieces of the stream are missing"));
  }

  private void cancelAtHub(String reason) {
    if (hubId != null) {
      models.cancel(hubId, ticket, reason);
    }
  }

  private void close() {
    over = true;
    models.over(ticket);
  }
}
