package io.muster.hub.dispatch;

import io.muster.hub.node.RemoteNode;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The attempts that run now, by ticket. */
final class JobTracker {
  private final LongObjectMap<Attempt> attempts = new LongObjectHashMap<>(256);
  private long lastTicket;

  Attempt open(PendingJob job, RemoteNode node, long now) {
    Attempt attempt = new Attempt(++lastTicket, job, node, now);
    attempts.put(attempt.ticket, attempt);
    return attempt;
  }

  /** The attempt with this ticket; null when it has ended: late frames are harmless. */
  Attempt find(long ticket) {
    return attempts.get(ticket);
  }

  /** Forgets an attempt; false when it was forgotten before. */
  boolean close(Attempt attempt) {
    return attempts.remove(attempt.ticket) != null;
  }

  int size() {
    return attempts.size();
  }

  Collection<Attempt> all() {
    return attempts.values();
  }

  /** A copy, so that attempts may end while it is walked. */
  List<Attempt> on(RemoteNode node) {
    List<Attempt> found = new ArrayList<>();
    for (Attempt attempt : attempts.values()) {
      if (attempt.node == node) {
        found.add(attempt);
      }
    }
    return found;
  }
}
