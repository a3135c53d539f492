package io.muster.hub.dispatch;

import io.muster.hub.node.Node;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import java.util.ArrayList;
import java.util.List;

/** Which node a job goes to: one that can take it and has not failed it, where there is one. */
final class NodeChoice {
  private final NodeRegistry registry;
  private final Balancer balancer;

  NodeChoice(NodeRegistry registry, Balancer balancer) {
    this.registry = registry;
    this.balancer = balancer;
  }

  /** Whether any node can take a job for this model now. */
  boolean canRun(String model) {
    return !registry.able(model).isEmpty();
  }

  /** The node for the job; null when none can take it now. */
  RemoteNode choose(PendingJob job) {
    List<RemoteNode> able = registry.able(job.job.model());
    if (able.isEmpty()) {
      return null;
    }
    if (able.size() == 1) {
      return able.get(0);
    }
    List<Node> fresh = new ArrayList<>(able.size());
    for (int i = 0; i < able.size(); i++) {
      if (!job.triedNodes.contains(able.get(i).id())) {
        fresh.add(able.get(i).snapshot());
      }
    }
    if (fresh.isEmpty()) {
      for (RemoteNode node : able) {
        fresh.add(node.snapshot());
      }
    }
    return registry.find(balancer.choose(fresh, job.job).id()).orElse(null);
  }

  /** Whether a node can take the job that has not failed it. */
  boolean hasFresh(PendingJob job) {
    for (RemoteNode node : registry.able(job.job.model())) {
      if (!job.triedNodes.contains(node.id())) {
        return true;
      }
    }
    return false;
  }
}
