package io.muster.hub.dispatch;

import io.muster.job.Frame;
import io.muster.job.JobMessage;

/** What the dispatcher writes to nodes. */
final class NodeMail {
  private final String hubId;
  private final int credit;
  private final Dispatcher.Outside outside;

  /**
   * @param credit pieces of a stream that may be under way
   */
  NodeMail(String hubId, int credit, Dispatcher.Outside outside) {
    this.hubId = hubId;
    this.credit = credit;
    this.outside = outside;
  }

  void submit(Attempt attempt, Runnable undelivered) {
    outside.send(
        attempt.node.id(),
        new JobMessage.Submit(hubId, attempt.ticket, credit, attempt.job.job),
        undelivered);
  }

  void cancel(Attempt attempt, String reason) {
    outside.send(attempt.node.id(), new JobMessage.Cancel(hubId, attempt.ticket, reason), () -> {});
  }

  /** Remembers what the client has taken, and tells it where it is worth a message. */
  void grant(Attempt attempt, int frames) {
    attempt.ungranted += frames;
    // Told by halves of the window, so that a stream costs few messages upwards.
    if (attempt.ungranted >= Math.max(1, credit / 2)) {
      credit(attempt);
    }
  }

  /** Tells what has been granted and not been told. */
  void credit(Attempt attempt) {
    int frames = attempt.ungranted;
    attempt.ungranted = 0;
    // What did not arrive is told again, at the latest when the node says that it is still there.
    outside.send(
        attempt.node.id(),
        new JobMessage.Credit(hubId, attempt.ticket, frames),
        () -> attempt.ungranted += frames);
  }

  /**
   * Answers a frame of a job that has ended here. Those on their way when it ended are harmless; a
   * node that still says that it works on it has missed the cancel.
   */
  void forgotten(String nodeId, Frame frame) {
    if (frame instanceof Frame.Started) {
      outside.send(
          nodeId, new JobMessage.Cancel(hubId, frame.ticket(), "nobody waits for it"), () -> {});
    }
  }
}
