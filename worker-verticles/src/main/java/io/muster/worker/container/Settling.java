package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec;
import io.muster.worker.container.Engine.Condition;
import io.muster.worker.container.Engine.Seen;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what the engine has and what the claims want together: makes, starts, starts again and
 * removes containers, takes up those of before, and clears away what was left half-made. Each step
 * may be done twice without harm, so that it goes on after any interruption.
 */
final class Settling {
  private static final Logger log = LoggerFactory.getLogger(Settling.class);

  private final Vertx vertx;
  private final String nodeId;
  private final Engine engine;
  private final Claims claims;
  private final Reservations reservations;
  private final EngineSteps steps;
  private final RestartRule restarts;
  private final ContainerNews news;
  private final Clock clock;

  /** What was started before is no news. */
  private final long since;

  private EngineWatch watch;
  private boolean looking;

  /** Orders lists and steps: what was listed before a step ended says nothing of its claim. */
  private long moment;

  private boolean lookAgain;

  Settling(
      Vertx vertx,
      String nodeId,
      Engine engine,
      Claims claims,
      Reservations reservations,
      RestartRule restarts,
      ContainerNews news,
      Clock clock) {
    this.vertx = vertx;
    this.nodeId = nodeId;
    this.engine = engine;
    this.claims = claims;
    this.reservations = reservations;
    this.restarts = restarts;
    this.steps = new EngineSteps(nodeId, engine, claims, news);
    this.news = news;
    this.clock = clock;
    this.since = clock.millis();
  }

  void watch(EngineWatch engineWatch) {
    this.watch = engineWatch;
  }

  /** Nothing that ends from now on may have ended by itself. */
  void engineAway() {
    claims.all().forEach(claim -> claim.cutOff = true);
  }

  /** Looks what the engine has, and does what follows from it. */
  void look() {
    if (looking) {
      lookAgain = true;
      return;
    }
    looking = true;
    lookAgain = false;
    long asked = ++moment;
    engine
        .list()
        .onComplete(
            seen -> {
              looking = false;
              compare(seen, asked);
              if (lookAgain) {
                look();
              }
            },
            cause -> {
              looking = false;
              watch.doubt();
            });
  }

  private void compare(List<Seen> all, long asked) {
    Map<String, Seen> ours = new HashMap<>();
    for (Seen seen : all) {
      if (seen.node().equals(nodeId)) {
        Seen before = ours.put(seen.claim(), seen);
        if (before != null) {
          // Names are unique, so this takes somebody's own hand.
          log.warn("claim {} has two containers, {} and {}", seen.claim(), before.id(), seen.id());
        }
      } else {
        // Another worker on this machine: its GPUs are none of ours.
        ContainerSpec spec = Labels.spec(seen.labels());
        if (spec != null && spec.claimId() != null) {
          reservations.foreign(seen.node() + "/" + seen.claim(), Labels.gpus(seen.labels()));
        }
      }
    }
    reservations.onlyForeign(
        all.stream()
            .filter(seen -> !seen.node().equals(nodeId))
            .map(seen -> seen.node() + "/" + seen.claim())
            .toList());
    for (Claim claim : claims.all()) {
      if (claim.busy) {
        claim.again = true;
      } else if (claim.movedAt < asked) {
        compare(claim, ours.get(claim.id()));
      }
    }
    for (Seen seen : ours.values()) {
      if (claims.get(seen.claim()) == null) {
        takeUp(seen);
      }
    }
  }

  private void compare(Claim claim, Seen seen) {
    if (seen == null) {
      if (claim.containerId != null || claim.started) {
        vanished(claim);
      } else if (claim.removing || (claim.wanted && claim.state() == State.PENDING)) {
        settle(claim);
      }
      return;
    }
    claim.containerId = seen.id();
    if (claim.removing) {
      settle(claim);
    } else if (seen.running()) {
      claim.ports = seen.ports();
      running(claim);
    } else if (claim.wanted && seen.created()) {
      settle(claim);
    } else if (claim.wanted && isAlive(claim.state())) {
      ended(claim);
    }
  }

  private static boolean isAlive(State state) {
    return state != State.EXITED && state != State.FAILED && state != State.STOPPED;
  }

  private void running(Claim claim) {
    if (!claim.wanted) {
      // It was to be stopped when the engine or this process went away.
      settle(claim);
      return;
    }
    if (claim.state() == State.RUNNING) {
      claim.cutOff = false;
      return;
    }
    claim.started = true;
    claim.error = null;
    claim.cutOff = false;
    claims.saveQuietly(claim);
    engine
        .condition(claim.containerId)
        .onSuccess(
            condition -> {
              claim.startedAt = condition.startedAt();
              if (claim.startedAt >= since) {
                news.started(claim);
              }
            });
    claim.become(State.RUNNING);
  }

  /** Somebody removed its container by hand. */
  private void vanished(Claim claim) {
    String before = claim.containerId;
    claim.containerId = null;
    claim.ports = List.of();
    boolean again = claim.wanted && claim.spec.restart() == ContainerSpec.Restart.ALWAYS;
    if (claim.removing || !again) {
      claims.forget(claim).onSuccess(v -> news.removed(claim, before, !claim.removing));
      return;
    }
    log.warn("the container of claim {} is gone, and is made again", claim.id());
    claim.started = false;
    claim.become(State.PENDING);
    settle(claim);
  }

  private void ended(Claim claim) {
    claim.busy = true;
    engine
        .condition(claim.containerId)
        .onComplete(
            condition -> {
              over(claim);
              if (condition.running() || claim.removing || !claim.wanted) {
                look();
              } else {
                ended(claim, condition);
              }
            },
            cause -> {
              over(claim);
              doubt(cause);
            });
  }

  private void ended(Claim claim, Condition condition) {
    claim.exitCode = condition.exitCode();
    claim.finishedAt = condition.finishedAt();
    claim.startedAt = condition.startedAt();
    boolean cutOff = claim.cutOff;
    claim.cutOff = false;
    claim.error =
        condition.oomKilled()
            ? "it used more memory than it may"
            : cutOff ? "it ended while the engine or the node was away" : null;
    claim.health = claim.isServer() ? "starting" : null;
    claim.become(State.EXITED);
    news.died(claim, condition);
    if (RestartRule.again(
        claim.spec.restart(), condition.exitCode(), condition.oomKilled(), cutOff)) {
      if (RestartRule.recovered(condition.finishedAt() - condition.startedAt())) {
        claim.failures = 0;
      }
      claim.failures++;
      long wait = cutOff ? 1 : restarts.waitMs(claim.failures);
      vertx.cancelTimer(claim.timer);
      claim.timer =
          vertx.setTimer(
              wait,
              id -> {
                claim.restarts++;
                settle(claim);
              });
    } else {
      claim.wanted = false;
      claims.saveQuietly(claim);
    }
  }

  /** One of ours that nothing is written down of. */
  private void takeUp(Seen seen) {
    ContainerSpec spec = Labels.spec(seen.labels());
    if (seen.created() || spec == null || spec.claimId() == null) {
      log.warn("container {} was left half-made, and is removed", seen.id());
      engine.remove(seen.id()).onFailure(this::doubt);
      return;
    }
    log.warn("container {} of claim {} is taken up again", seen.id(), spec.claimId());
    Claim claim = new Claim(spec, seen.labels().getOrDefault(Labels.HASH, ""), clock.millis());
    claim.gpuIds = Labels.gpus(seen.labels());
    claim.containerId = seen.id();
    claim.started = true;
    claim.wanted = seen.running();
    if (!seen.running()) {
      claim.become(State.STOPPED);
    }
    reservations.keep(spec, claim.gpuIds);
    claims.add(claim);
    claims.saveQuietly(claim);
    compare(claim, seen);
  }

  /**
   * Does what is to be done next with a claim.
   *
   * @return when that is done; fails where it cannot be. While the engine is away it succeeds at
   *     once, and goes on when it is back.
   */
  Future<Void> settle(Claim claim) {
    if (claim.busy) {
      claim.again = true;
      Promise<Void> idle = Promise.promise();
      claim.whenIdle.add(idle);
      return idle.future();
    }
    if (!watch.isUp()) {
      return Future.succeededFuture();
    }
    claim.busy = true;
    claim.again = false;
    vertx.cancelTimer(claim.timer);
    return next(claim)
        .onComplete(
            done -> {
              over(claim);
              look();
            },
            cause -> {
              over(claim);
              failed(claim, cause);
              if (claim.again) {
                look();
              }
            });
  }

  /** Ends it and starts it, whatever its rule says. */
  Future<Void> restart(Claim claim) {
    if (claim.containerId == null) {
      return settle(claim);
    }
    if (claim.busy) {
      return Future.failedFuture(
          new FaultException(
              Failure.CONFLICT, "Claim " + claim.id() + " is just being worked on."));
    }
    claim.busy = true;
    vertx.cancelTimer(claim.timer);
    return engine
        .stop(claim.containerId, claim.grace)
        .compose(v -> engine.start(claim.containerId))
        .onComplete(
            done -> {
              over(claim);
              claim.restarts++;
              claim.become(State.CREATING);
              look();
            },
            cause -> {
              over(claim);
              failed(claim, cause);
            });
  }

  private Future<Void> next(Claim claim) {
    if (claim.removing) {
      return steps.remove(claim);
    }
    if (!claim.wanted) {
      return claim.containerId == null
          ? Future.succeededFuture()
          : engine.stop(claim.containerId, claim.grace).onSuccess(v -> stopped(claim));
    }
    Future<Void> made = claim.containerId == null ? steps.make(claim) : Future.succeededFuture();
    return made.compose(
        v ->
            claim.removing || !claim.wanted
                ? Future.succeededFuture()
                : engine.start(claim.containerId).onSuccess(started -> claim.started = true));
  }

  private void stopped(Claim claim) {
    if (!claim.removing && !claim.wanted) {
      claim.finishedAt = clock.millis();
      claim.become(State.STOPPED);
      news.stopped(claim);
    }
  }

  private void failed(Claim claim, Throwable cause) {
    if (cause instanceof EngineAway) {
      // It goes on when the engine is back.
      claim.error = cause.getMessage();
      claim.cutOff = true;
      if (!claim.removing && claim.containerId == null) {
        claim.become(State.PENDING);
      }
      watch.doubt();
      return;
    }
    String why = Fault.from(cause).message();
    log.warn("claim {}: {}", claim.id(), why);
    claim.error = why;
    if (claim.removing) {
      vertx.cancelTimer(claim.timer);
      claim.timer = vertx.setTimer(restarts.waitMs(++claim.failures), id -> settle(claim));
      return;
    }
    if (claim.wanted) {
      claim.failures++;
      claim.become(State.FAILED);
      news.failed(claim, why);
      if (claim.started) {
        // It did run once: a port may be taken for a moment, a driver be loaded again.
        claim.timer = vertx.setTimer(restarts.waitMs(claim.failures), id -> settle(claim));
      }
    }
  }

  private void over(Claim claim) {
    claim.busy = false;
    claim.movedAt = ++moment;
    List<Promise<Void>> waiting = List.copyOf(claim.whenIdle);
    claim.whenIdle.clear();
    waiting.forEach(Promise::tryComplete);
  }

  private void doubt(Throwable cause) {
    log.debug("the engine is looked at again", cause);
    watch.doubt();
  }
}
