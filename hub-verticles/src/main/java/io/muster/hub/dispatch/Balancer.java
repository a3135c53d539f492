package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.job.Job;
import java.util.List;
import java.util.function.IntUnaryOperator;

/** Chooses the node for a job: a function of its arguments, over an immutable snapshot. */
public interface Balancer {
  /**
   * @param able nodes that serve the job's model and have a free place, at least one
   * @return one of them
   */
  Node choose(List<Node> able, Job job);

  /**
   * The policy of this name.
   *
   * @param strategy {@code least-connections}, {@code round-robin}, {@code random}, {@code
   *     power-of-two} or {@code session}
   * @param random gives a number from 0 up to but not including its argument
   * @throws IllegalArgumentException for any other name
   */
  static Balancer of(String strategy, IntUnaryOperator random) {
    return switch (strategy) {
      case "least-connections" -> new LeastConnections();
      case "round-robin" -> new RoundRobin();
      case "random" -> (able, job) -> able.get(random.applyAsInt(able.size()));
      case "power-of-two" -> new PowerOfTwo(random);
      case "session" -> new SessionAffinity(new LeastConnections());
      default ->
          throw new IllegalArgumentException(
              "LOAD_BALANCE_STRATEGY="
                  + strategy
                  + ": must be least-connections, round-robin, random, power-of-two or session");
    };
  }
}
