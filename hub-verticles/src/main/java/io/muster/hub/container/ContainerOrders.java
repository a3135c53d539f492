package io.muster.hub.container;

import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerMessage;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.container.Placement.Candidate;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.identity.Command;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks nodes about their containers, wherever they are connected. */
final class ContainerOrders {
  static final String CAPABILITY = "containers";

  private static final Duration OFFER_TIMEOUT = Duration.ofSeconds(5);

  private final NodeOrders orders;
  private final FleetView fleet;
  private final NodeTags tags;
  private final Duration timeout;

  ContainerOrders(NodeOrders orders, FleetView fleet, NodeTags tags, Duration timeout) {
    this.orders = orders;
    this.fleet = fleet;
    this.tags = tags;
    this.timeout = timeout;
  }

  /** What the node answers; UNREACHABLE when it does not in time. */
  <R extends Record> Future<R> ask(String nodeId, Command command) {
    return orders.ask(nodeId, command, timeout);
  }

  /** Whether a node is there, and has an engine that answers. */
  boolean isUp(String nodeId) {
    return fleet.node(nodeId).map(ContainerOrders::runsContainers).orElse(false);
  }

  /** Whether there is such a node, up or not. */
  boolean knows(String nodeId) {
    return fleet.node(nodeId).isPresent();
  }

  /** All nodes that run containers now. */
  List<String> nodes() {
    return fleet.nodes().stream()
        .filter(ContainerOrders::runsContainers)
        .map(node -> node.info().id())
        .toList();
  }

  private static boolean runsContainers(NodeView node) {
    return node.isUp() && node.info().capabilities().contains(CAPABILITY);
  }

  /**
   * What every node has to give; one that does not answer is none to place on.
   *
   * @param claimId is asked about too, null for none
   */
  Future<List<Candidate>> candidates(String claimId) {
    List<Future<Candidate>> asked = new ArrayList<>();
    for (NodeView node : fleet.nodes()) {
      if (!runsContainers(node)) {
        continue;
      }
      String id = node.info().id();
      asked.add(
          orders
              .<Offer>ask(
                  id,
                  new ContainerMessage.AskOffer(claimId),
                  timeout.compareTo(OFFER_TIMEOUT) < 0 ? timeout : OFFER_TIMEOUT)
              .map(
                  offer ->
                      new Candidate(
                          id, tags.of(id), offer, node.draining() ? "takes no new work" : null))
              .otherwise(cause -> new Candidate(id, tags.of(id), null, "did not answer")));
    }
    return Future.join(asked)
        .otherwiseEmpty()
        .map(all -> asked.stream().map(Future::result).toList());
  }
}
