package io.muster.hub.container;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.muster.hub.container.ContainerStore.Placed;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.List;

/** Puts a container on a node that it fits on; the same claim always on the same one. */
final class Placer {
  private final ContainerOrders orders;
  private final ContainerStore store;
  private final Clock clock;

  Placer(ContainerOrders orders, ContainerStore store, Clock clock) {
    this.orders = orders;
    this.store = store;
    this.clock = clock;
  }

  /**
   * @return fails with NO_CAPACITY, which says of each node why not, with CONFLICT where the claim
   *     asked for something else before, or with what the node refuses
   */
  Future<Claimed> place(ContainerSpec spec) {
    String hash = ContainerJson.hash(spec);
    return store
        .find(spec.claimId())
        .compose(
            known ->
                known.map(placed -> again(spec, placed, hash)).orElseGet(() -> anew(spec, hash)));
  }

  private Future<Claimed> again(ContainerSpec spec, Placed placed, String hash) {
    if (!placed.hash().equals(hash)) {
      return Future.failedFuture(
          new FaultException(
              Failure.CONFLICT,
              "'claim_id': claim %s asked for something else, on node %s."
                  .formatted(spec.claimId(), placed.nodeId())));
    }
    return orders
        .<Claimed>ask(placed.nodeId(), new ContainerMessage.CreateContainer(spec))
        .recover(
            cause ->
                switch (Fault.from(cause).failure()) {
                  case UNREACHABLE ->
                      Future.failedFuture(
                          new FaultException(
                              Failure.UNREACHABLE,
                              "Claim %s is on node %s, which does not answer now."
                                  .formatted(spec.claimId(), placed.nodeId())));
                  case NO_CAPACITY, FORBIDDEN -> elsewhere(spec, placed, hash, cause);
                  default -> Future.failedFuture(cause);
                });
  }

  /**
   * Only once the node itself says that it has the claim no more: it refuses what it cannot
   * believe, too, a command to the process before it for example.
   */
  private Future<Claimed> elsewhere(
      ContainerSpec spec, Placed placed, String hash, Throwable refusal) {
    return orders
        .<Offer>ask(placed.nodeId(), new ContainerMessage.AskOffer(spec.claimId()))
        .transform(
            asked ->
                asked.succeeded() && asked.result().claim() == null
                    ? store.forget(spec.claimId(), placed.nodeId()).compose(v -> anew(spec, hash))
                    : Future.failedFuture(refusal));
  }

  private Future<Claimed> anew(ContainerSpec spec, String hash) {
    return orders
        .candidates(spec.claimId())
        .compose(
            candidates -> {
              Placement.Choice choice = Placement.choose(spec, candidates);
              // It may have been asked of a node itself.
              List<String> has =
                  candidates.stream()
                      .filter(each -> each.offer() != null && each.offer().claim() != null)
                      .map(Placement.Candidate::nodeId)
                      .toList();
              return next(
                  spec,
                  hash,
                  has.isEmpty() ? choice.nodes() : has,
                  0,
                  new FaultException(
                      Failure.NO_CAPACITY,
                      "No node can take this container: " + choice.why() + "."));
            });
  }

  private Future<Claimed> next(
      ContainerSpec spec, String hash, List<String> nodes, int index, Throwable why) {
    if (index == nodes.size()) {
      return Future.failedFuture(why);
    }
    String nodeId = nodes.get(index);
    return store
        .place(spec.claimId(), new Placed(nodeId, hash), clock.millis())
        .compose(
            placed -> {
              if (!placed.nodeId().equals(nodeId) || !placed.hash().equals(hash)) {
                // Another request for it was first.
                return again(spec, placed, hash);
              }
              return orders
                  .<Claimed>ask(nodeId, new ContainerMessage.CreateContainer(spec))
                  .recover(cause -> refused(spec, hash, nodes, index, cause));
            });
  }

  private Future<Claimed> refused(
      ContainerSpec spec, String hash, List<String> nodes, int index, Throwable cause) {
    Failure failure = Fault.from(cause).failure();
    if (failure == Failure.UNREACHABLE) {
      // It may have it: the same request again will tell.
      return Future.failedFuture(cause);
    }
    return store
        .forget(spec.claimId(), nodes.get(index))
        .compose(
            v ->
                failure == Failure.BAD_REQUEST
                    ? Future.failedFuture(cause)
                    : next(spec, hash, nodes, index + 1, cause));
  }

  /** A node has it no more. */
  Future<Void> forget(String claimId, String nodeId) {
    return store.forget(claimId, nodeId);
  }
}
