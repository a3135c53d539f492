package io.muster.hub.dispatch;

import io.muster.bus.Fault;
import io.muster.job.Job;
import java.util.ArrayList;
import java.util.List;

/**
 * A job between its submission and its end, with what was tried so far. Times are nanoseconds of
 * the dispatcher's monotonic clock.
 *
 * <pre>
 *   QUEUED ──▶ RUNNING ──▶ ENDED
 *     ▲           │
 *     └── retry ──┘            (only while the listener has heard nothing)
 * </pre>
 */
final class PendingJob implements JobHandle {
  private final Dispatcher dispatcher;
  final Job job;
  final JobListener listener;
  final long submittedAt;
  final long deadline;

  /** Since when it has waited for a node; anew after an attempt that really ran. */
  long waitingSince;

  boolean queued;

  boolean ended;

  /** Whether the listener was told that it begins: from then on no other node is tried. */
  boolean begun;

  /** How often it was tried; not counted is where a node had no place for it. */
  int tries;

  /** The node that it was sent to last; null while it has not been. */
  String lastNode;

  /** Ids of the nodes that have failed it. */
  List<String> triedNodes = List.of();

  Fault lastFault;

  /** The attempt that runs now, null while it waits. */
  Attempt attempt;

  PendingJob(Dispatcher dispatcher, Job job, JobListener listener, long now) {
    this.dispatcher = dispatcher;
    this.job = job;
    this.listener = listener;
    this.submittedAt = now;
    this.waitingSince = now;
    this.deadline = now + job.timeoutMs() * 1_000_000;
  }

  /** Whether a node has had it. */
  boolean wasSent() {
    return lastNode != null;
  }

  void triedOn(String nodeId) {
    if (triedNodes.isEmpty()) {
      triedNodes = new ArrayList<>(2);
    }
    triedNodes.add(nodeId);
  }

  @Override
  public void cancel(String reason) {
    dispatcher.cancel(this, reason);
  }

  @Override
  public void grant(int frames) {
    dispatcher.grant(this, frames);
  }

  @Override
  public int queuePlace() {
    return dispatcher.queuePlace(this);
  }
}
