package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerSpec;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Takes what is asked of this node's containers, whoever asks. Used on the event loop. */
final class Desk {
  private final Vertx vertx;
  private final String nodeId;
  private final Engine engine;
  private final EngineWatch watch;
  private final Claims claims;
  private final Reservations reservations;
  private final Settling settling;
  private final Policy policy;
  private final Supplier<List<Integer>> gpus;
  private final Options options;
  private final Clock clock;

  /**
   * @param memory bytes that containers may be promised, 0 for the machine's
   * @param patienceMs after which a container that is not made yet is answered with as it is
   */
  record Options(long memory, long patienceMs) {}

  Desk(
      Vertx vertx,
      String nodeId,
      Engine engine,
      EngineWatch watch,
      Claims claims,
      Reservations reservations,
      Settling settling,
      Policy policy,
      Supplier<List<Integer>> gpus,
      Options options,
      Clock clock) {
    this.vertx = vertx;
    this.nodeId = nodeId;
    this.engine = engine;
    this.watch = watch;
    this.claims = claims;
    this.reservations = reservations;
    this.settling = settling;
    this.policy = policy;
    this.gpus = gpus;
    this.options = options;
    this.clock = clock;
  }

  /**
   * Makes a container, or says what there is of that claim already.
   *
   * @return when it runs, or its image is being fetched; what was answered with is kept from then
   *     on. Fails with FORBIDDEN, CONFLICT, NO_CAPACITY or BAD_REQUEST, and nothing is left then.
   */
  Future<Claimed> create(ContainerSpec spec) {
    if (!ContainerBody.isClaimId(spec.claimId())) {
      // A hub has read it too, but a name that leads out of a folder is checked where it would.
      throw new FaultException(Failure.BAD_REQUEST, "'claim_id' is no name of a claim.");
    }
    String hash = ContainerJson.hash(spec);
    Claim known = claims.get(spec.claimId());
    if (known != null) {
      return again(known, spec, hash);
    }
    policy.check(spec);
    watch.need();
    Claim claim = new Claim(spec, hash, clock.millis());
    claim.gpuIds = reservations.take(spec, stock());
    claim.health = claim.isServer() ? "starting" : null;
    // Nothing is begun with it before it is written down.
    claim.busy = true;
    claims.add(claim);
    Future<Claimed> made =
        claims
            .save(claim)
            .onComplete(written -> claim.busy = false)
            .recover(
                cause -> {
                  claims.forget(claim);
                  return Future.failedFuture(
                      new FaultException(
                          Failure.INTERNAL, "The claim cannot be written down on this node."));
                })
            .compose(v -> made(claim));
    claim.made = made;
    return made;
  }

  private Future<Claimed> again(Claim known, ContainerSpec spec, String hash) {
    if (known.removing) {
      throw new FaultException(
          Failure.CONFLICT, "'claim_id': claim " + spec.claimId() + " is being removed.");
    }
    if (!known.hash.equals(hash)) {
      throw new FaultException(
          Failure.CONFLICT,
          "'claim_id': there is a claim " + spec.claimId() + " that asked for something else.");
    }
    if (known.state() == State.FAILED) {
      known.wanted = true;
      known.failures = 0;
      var unused = settling.settle(known);
    }
    // As it is once it was acknowledged: before, it may be given up yet.
    return known.made.map(v -> new Claimed(known.info(nodeId), false));
  }

  private Future<Claimed> made(Claim claim) {
    Promise<Claimed> answer = Promise.promise();
    // What was answered with is kept from then on, whatever becomes of it.
    long timer =
        vertx.setTimer(
            options.patienceMs(), id -> answer.tryComplete(new Claimed(claim.info(nodeId), true)));
    Consumer<Told> whenFetching =
        told -> {
          if (claim.state() == State.PULLING) {
            answer.tryComplete(new Claimed(claim.info(nodeId), true));
          }
        };
    claim.listen(whenFetching);
    settling
        .settle(claim)
        .onComplete(
            done -> {
              claim.ignore(whenFetching);
              whenRunning(claim, answer);
            },
            cause -> {
              claim.ignore(whenFetching);
              if (cause instanceof EngineAway) {
                // It is written down, and made when the engine is back.
                answer.tryComplete(new Claimed(claim.info(nodeId), true));
              } else if (!answer.future().isComplete()) {
                vertx.cancelTimer(timer);
                remove(claim, 0).onComplete(gone -> answer.tryFail(cause));
              }
            });
    return answer.future().onComplete(answered -> vertx.cancelTimer(timer));
  }

  /** It was started: what the engine says of it is known with the next look. */
  private void whenRunning(Claim claim, Promise<Claimed> answer) {
    Consumer<Told> seen =
        new Consumer<>() {
          @Override
          public void accept(Told told) {
            if (claim.state() != State.CREATING && claim.state() != State.PENDING) {
              // Not while it goes through those who listen.
              vertx.runOnContext(v -> claim.ignore(this));
              answer.tryComplete(new Claimed(claim.info(nodeId), true));
            }
          }
        };
    claim.listen(seen);
  }

  List<ContainerInfo> list() {
    return claims.all().stream().map(claim -> claim.info(nodeId)).toList();
  }

  ContainerInfo info(String id) {
    return claims.find(id).info(nodeId);
  }

  Claim find(String id) {
    return claims.find(id);
  }

  /** What the engine says of it; of one that has no container yet, nothing. */
  Future<JsonObject> inspect(String id) {
    Claim claim = claims.find(id);
    watch.need();
    return claim.containerId == null
        ? Future.succeededFuture(new JsonObject())
        : heard(engine.inspect(claim.containerId));
  }

  Future<JsonObject> measure(String id) {
    Claim claim = claims.find(id);
    watch.need();
    if (claim.state() != State.RUNNING) {
      throw new FaultException(
          Failure.CONFLICT, "Container " + id + " does not run: it uses nothing.");
    }
    return heard(engine.stats(claim.containerId));
  }

  /** Stops it; its claim, and what it has reserved, stay. */
  Future<ContainerInfo> stop(String id, int graceSeconds) {
    Claim claim = claims.find(id);
    idle(claim);
    watch.need();
    claim.wanted = false;
    grace(claim, graceSeconds);
    return claims
        .save(claim)
        // A look may have begun with it already: then there is nothing left to do.
        .compose(v -> heard(settling.settle(claim)))
        .compose(
            v ->
                claim.state() == State.STOPPED
                    ? Future.succeededFuture()
                    : heard(settling.settle(claim)))
        .map(v -> claim.info(nodeId));
  }

  /** Starts it again, stopped or not. */
  Future<ContainerInfo> restart(String id, int graceSeconds) {
    Claim claim = claims.find(id);
    idle(claim);
    watch.need();
    claim.wanted = true;
    claim.failures = 0;
    grace(claim, graceSeconds);
    return claims
        .save(claim)
        .compose(v -> heard(settling.restart(claim)))
        .map(v -> claim.info(nodeId));
  }

  /**
   * Stops it, removes it and forgets its claim.
   *
   * @return when that is done; while the engine is away, when it is written down: it is done later
   */
  Future<ContainerInfo> remove(String id, int graceSeconds) {
    Claim claim = claims.find(id);
    return remove(claim, graceSeconds).map(v -> claim.info(nodeId));
  }

  private Future<Void> remove(Claim claim, int graceSeconds) {
    boolean fetching = claim.state() == State.PULLING;
    claim.removing = true;
    claim.wanted = false;
    grace(claim, graceSeconds);
    claim.become(State.REMOVING);
    if (fetching && claim.containerId == null) {
      Future<Void> forgotten = claims.forget(claim);
      claim.stopFetching.run();
      return forgotten;
    }
    Promise<Void> gone = Promise.promise();
    claim.whenGone.add(gone);
    return claims
        .save(claim)
        .compose(
            v -> {
              settling.settle(claim).onFailure(gone::tryFail);
              return watch.isUp() ? gone.future() : Future.succeededFuture();
            })
        .timeout(graceSeconds * 1_000L + options.patienceMs(), TimeUnit.MILLISECONDS)
        // It is on its way out, and will be gone.
        .recover(
            cause ->
                cause instanceof TimeoutException || cause instanceof EngineAway
                    ? Future.succeededFuture()
                    : Future.failedFuture(cause));
  }

  Offer offer(String claimId) {
    Reservations.Stock stock = stock();
    Claim claim = claimId == null ? null : claims.get(claimId);
    return new Offer(
        nodeId,
        watch.problem(),
        reservations.freeGpus(stock),
        stock.gpus().size(),
        reservations.freeMemory(stock),
        claims.all().size(),
        claim == null ? null : claim.info(nodeId));
  }

  private Reservations.Stock stock() {
    long memory = options.memory();
    if (memory == 0 && watch.facts() != null) {
      memory = watch.facts().memory();
    }
    return new Reservations.Stock(gpus.get(), memory);
  }

  private static void grace(Claim claim, int seconds) {
    claim.grace = Math.max(0, Math.min(Engine.MOST_GRACE_SECONDS, seconds));
  }

  private static void idle(Claim claim) {
    if (claim.removing) {
      throw new FaultException(Failure.CONFLICT, "Claim " + claim.id() + " is being removed.");
    }
    if (claim.busy) {
      throw new FaultException(
          Failure.CONFLICT, "Claim " + claim.id() + " is just being worked on: try again soon.");
    }
  }

  /** In words for those who asked. */
  private <T> Future<T> heard(Future<T> asked) {
    return asked.recover(
        cause -> {
          if (cause instanceof EngineAway) {
            watch.doubt();
            return Future.failedFuture(new FaultException(Failure.NO_CAPACITY, cause.getMessage()));
          }
          return Future.failedFuture(cause);
        });
  }
}
