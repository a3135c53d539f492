package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;

/** One after the other. */
final class RoundRobin implements Balancer {
  private int turn;

  @Override
  public Node choose(List<Node> able, Job job) {
    return able.get(Math.floorMod(turn++, able.size()));
  }
}
