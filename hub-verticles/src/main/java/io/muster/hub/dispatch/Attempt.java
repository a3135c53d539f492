package io.muster.hub.dispatch;

import io.muster.hub.node.RemoteNode;
import io.muster.job.Frame;
import java.util.ArrayList;
import java.util.List;

/**
 * One try of a job on one node, known by its ticket. It keeps what has been sent of a stream, up to
 * a bound: whoever continues the stream elsewhere needs it.
 */
final class Attempt {
  final long ticket;
  final PendingJob job;
  final RemoteNode node;

  /** The node's process that has it; another process knows nothing of it. */
  final String instance;

  final long sentAt;
  long lastFrameAt;
  boolean acknowledged;
  int lastSeq;

  /** Frames passed on and not yet granted back to the node. */
  int ungranted;

  private List<byte[]> kept = List.of();
  private int keptBytes;
  private boolean keptAll = true;

  Attempt(long ticket, PendingJob job, RemoteNode node, long now) {
    this.ticket = ticket;
    this.job = job;
    this.node = node;
    this.instance = node.info().instance();
    this.sentAt = now;
    this.lastFrameAt = now;
  }

  void keep(Frame.Delta delta, int bound) {
    if (keptAll && keptBytes + delta.events().length <= bound) {
      if (kept.isEmpty()) {
        kept = new ArrayList<>();
      }
      kept.add(delta.events());
      keptBytes += delta.events().length;
    } else if (keptAll) {
      keptAll = false;
      kept = List.of();
      keptBytes = 0;
    }
  }

  /** Everything sent so far, in order; empty when it outgrew its bound ({@link #keptAll}). */
  List<byte[]> kept() {
    return List.copyOf(kept);
  }

  /** Whether {@link #kept} is the whole stream so far. */
  boolean keptAll() {
    return keptAll;
  }
}
