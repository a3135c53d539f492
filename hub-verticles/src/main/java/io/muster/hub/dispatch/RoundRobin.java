package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One after the other, by id. It goes on from the last one and not by a number, since who is able
 * changes from job to job; and by model, since models that are asked for in turn would else keep
 * hitting the same nodes.
 */
final class RoundRobin implements Balancer {
  private final Map<String, String> lastByModel = new HashMap<>();

  @Override
  public Node choose(List<Node> able, Job job) {
    return next(able, job.model(), Integer.MAX_VALUE);
  }

  /** The next one that has no more than so many active jobs; there is one at least. */
  Node next(List<Node> able, String model, int most) {
    String last = lastByModel.get(model);
    Node first = null;
    Node next = null;
    for (int i = 0; i < able.size(); i++) {
      Node node = able.get(i);
      if (node.active() <= most) {
        first = before(node, first) ? node : first;
        if (last != null && node.id().compareTo(last) > 0) {
          next = before(node, next) ? node : next;
        }
      }
    }
    Node chosen = next == null ? first : next;
    lastByModel.put(model, chosen.id());
    return chosen;
  }

  private static boolean before(Node node, Node other) {
    return other == null || node.id().compareTo(other.id()) < 0;
  }
}
