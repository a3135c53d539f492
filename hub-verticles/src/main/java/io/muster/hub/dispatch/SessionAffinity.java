package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;

/**
 * The same node for the same session or prompt beginning, whose cache it has, by rendezvous
 * hashing: when a node comes or goes, only its own sessions move. A node that has more than its
 * fair share is passed over for the next in its order (Mirrokni, Thorup, Zadimoghaddam: "Consistent
 * Hashing with Bounded Loads"). Jobs without a key are balanced by another policy.
 */
final class SessionAffinity implements Balancer {
  /** How much more than the mean a node may have. */
  private static final double BOUND = 1.25;

  private final Balancer keyless;

  SessionAffinity(Balancer keyless) {
    this.keyless = keyless;
  }

  @Override
  public Node choose(List<Node> able, Job job) {
    if (job.affinity() == null) {
      return keyless.choose(able, job);
    }
    int total = 1;
    for (Node node : able) {
      total += node.active();
    }
    long most = (long) Math.ceil(BOUND * total / able.size());
    int key = job.affinity().hashCode();
    Node best = null;
    long bestWeight = 0;
    for (Node node : able) {
      if (node.active() + 1 > most) {
        continue;
      }
      long weight = weight(key, node.id().hashCode());
      if (best == null || weight > bestWeight) {
        best = node;
        bestWeight = weight;
      }
    }
    return best == null ? keyless.choose(able, job) : best;
  }

  /** Mixes both so that every bit counts: the finaliser of MurmurHash3. */
  private static long weight(int key, int node) {
    long h = ((long) key << 32) ^ (node & 0xffffffffL);
    h = (h ^ (h >>> 33)) * 0xff51afd7ed558ccdL;
    h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return h ^ (h >>> 33);
  }
}
