package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec.Pull;
import io.vertx.core.Future;

/** What takes several calls of the engine. Each may be done twice without harm. */
final class EngineSteps {
  private final String nodeId;
  private final Engine engine;
  private final Claims claims;
  private final ContainerNews news;

  EngineSteps(String nodeId, Engine engine, Claims claims, ContainerNews news) {
    this.nodeId = nodeId;
    this.engine = engine;
    this.claims = claims;
    this.news = news;
  }

  /**
   * Fetches its image where that is to be done, and makes its container, which does not run yet.
   */
  Future<Void> make(Claim claim) {
    String image = claim.spec.image();
    Pull rule = claim.spec.pull();
    Future<Boolean> there =
        rule == Pull.ALWAYS ? Future.succeededFuture(false) : engine.hasImage(image);
    return there
        .compose(
            has -> {
              if (has || claim.removing) {
                return Future.succeededFuture();
              }
              if (rule == Pull.NEVER) {
                return Future.failedFuture(
                    new FaultException(
                        Failure.NOT_FOUND,
                        "'image': " + image + " is not on this node, and pull is never."));
              }
              claim.become(State.PULLING);
              Engine.Pulling pulling = engine.pull(image, progress -> claim.tell("pull", progress));
              claim.stopFetching = pulling.stop();
              return pulling.done();
            })
        .compose(
            v -> {
              if (claim.removing || !claim.wanted) {
                return Future.succeededFuture();
              }
              claim.become(State.CREATING);
              return create(claim)
                  .recover(cause -> already(claim, cause))
                  .onSuccess(
                      id -> {
                        claim.containerId = id;
                        news.created(claim);
                      })
                  .mapEmpty();
            });
  }

  private Future<String> create(Claim claim) {
    return engine.create(
        name(claim),
        claim.spec,
        claim.gpuIds,
        Labels.of(nodeId, claim.spec, claim.hash, claim.gpuIds));
  }

  /** What was made in the moment in which the engine or this process went away is ours. */
  private Future<String> already(Claim claim, Throwable cause) {
    if (!(cause instanceof FaultException fault) || fault.fault().failure() != Failure.CONFLICT) {
      return Future.failedFuture(cause);
    }
    return engine
        .list()
        .compose(
            all ->
                all.stream()
                    .filter(seen -> seen.node().equals(nodeId) && seen.claim().equals(claim.id()))
                    .findFirst()
                    .map(
                        seen ->
                            claim.has(seen)
                                ? Future.succeededFuture(seen.id())
                                // Or made late for an earlier claim of this name, with its GPUs.
                                : engine.remove(seen.id()).compose(v -> create(claim)))
                    .orElseGet(() -> Future.failedFuture(cause)));
  }

  private String name(Claim claim) {
    return "muster-" + nodeId + "-" + claim.id();
  }

  /** Ends it, removes it and forgets the claim. */
  Future<Void> remove(Claim claim) {
    String id = claim.containerId;
    if (id == null) {
      return claims.forget(claim).onSuccess(v -> news.removed(claim, null, false));
    }
    return engine
        .stop(id, claim.grace)
        .recover(
            cause ->
                cause instanceof EngineAway ? Future.failedFuture(cause) : Future.succeededFuture())
        .compose(v -> engine.remove(id))
        .compose(v -> claims.forget(claim))
        .onSuccess(v -> news.removed(claim, id, false));
  }
}
