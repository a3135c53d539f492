package io.muster.hub.task;

import io.muster.hub.node.Node;
import io.muster.node.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;

/**
 * Which node takes a task, at one moment: those that are alive, take new work, offer what the task
 * needs and have a free place; of these, ones that are not busy otherwise, then those with the
 * fewest tasks, then in turn. Pure; one instance is for one round of assignments.
 */
final class NodeChoice {
  private final List<Node> nodes;
  private final Function<String, Set<String>> tags;
  private final ToIntFunction<String> active;
  private final ToLongFunction<String> lastTurn;
  private final Map<Needs, List<Node>> candidates = new HashMap<>();

  /**
   * @param nodes those that are alive and take new work
   * @param tags of a node
   * @param active tasks that a node has; asked again after each choice
   * @param lastTurn a number that is higher the later a node was last chosen
   */
  NodeChoice(
      List<Node> nodes,
      Function<String, Set<String>> tags,
      ToIntFunction<String> active,
      ToLongFunction<String> lastTurn) {
    this.nodes = nodes;
    this.tags = tags;
    this.active = active;
    this.lastTurn = lastTurn;
  }

  /** Null when nobody can. */
  Node choose(Needs needs) {
    Node best = null;
    int fewest = 0;
    boolean bestBusy = false;
    for (Node node : candidates.computeIfAbsent(needs, this::able)) {
      int its = active.applyAsInt(node.id());
      if (its >= places(node)) {
        continue;
      }
      boolean busy = node.state() == NodeState.BUSY;
      boolean better =
          best == null
              || (busy != bestBusy
                  ? bestBusy
                  : its != fewest
                      ? its < fewest
                      : lastTurn.applyAsLong(node.id()) < lastTurn.applyAsLong(best.id()));
      if (better) {
        best = node;
        fewest = its;
        bestBusy = busy;
      }
    }
    return best;
  }

  /** Tasks that a node takes at once. */
  static int places(Node node) {
    return Math.max(1, node.info().maxConcurrent());
  }

  private List<Node> able(Needs needs) {
    List<Node> able = new ArrayList<>();
    for (Node node : nodes) {
      if (offers(node, needs)) {
        able.add(node);
      }
    }
    return able;
  }

  private boolean offers(Node node, Needs needs) {
    if (needs.nodeId() != null && !needs.nodeId().equals(node.id())) {
      return false;
    }
    if (needs.capability() != null && !node.info().capabilities().contains(needs.capability())) {
      return false;
    }
    List<String> tools = node.info().toolNames();
    // A node of another make need not list its tools: then it has to be meant, by name or by
    // capability.
    boolean offered =
        tools.isEmpty()
            ? needs.nodeId() != null || needs.capability() != null
            : tools.contains(needs.toolName());
    return offered && (needs.tags().isEmpty() || tags.apply(node.id()).containsAll(needs.tags()));
  }
}
