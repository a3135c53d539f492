package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * The better of two drawn at random, by the share of its places that is taken: nearly as even as
 * looking at all, without every hub running to the same node at once. See Mitzenmacher, "The Power
 * of Two Choices in Randomized Load Balancing".
 */
final class PowerOfTwo implements Balancer {
  private final IntUnaryOperator random;

  PowerOfTwo(IntUnaryOperator random) {
    this.random = random;
  }

  @Override
  public Node choose(List<Node> able, Job job) {
    int size = able.size();
    int first = random.applyAsInt(size);
    if (size == 1) {
      return able.get(first);
    }
    int second = random.applyAsInt(size - 1);
    Node one = able.get(first);
    Node other = able.get(second < first ? second : second + 1);
    return share(other) < share(one) ? other : one;
  }

  private static double share(Node node) {
    return (double) node.active() / Math.max(1, node.info().maxConcurrent());
  }
}
