package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;

/** The node with the fewest active jobs; equals in turn, so that all get some. */
final class LeastConnections implements Balancer {
  private final RoundRobin equals = new RoundRobin();

  @Override
  public Node choose(List<Node> able, Job job) {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < able.size(); i++) {
      least = Math.min(least, able.get(i).active());
    }
    return equals.next(able, job.model(), least);
  }
}
