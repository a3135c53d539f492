package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;

/** The node with the fewest active jobs; among equals the next in turn, so that all get some. */
final class LeastConnections implements Balancer {
  private int turn;

  @Override
  public Node choose(List<Node> able, Job job) {
    int size = able.size();
    int start = Math.floorMod(turn++, size);
    Node best = able.get(start);
    for (int i = 1; i < size; i++) {
      Node node = able.get((start + i) % size);
      if (node.active() < best.active()) {
        best = node;
      }
    }
    return best;
  }
}
