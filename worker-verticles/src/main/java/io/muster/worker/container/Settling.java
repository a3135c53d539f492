package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec.Restart;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the engine do what a claim wants next: makes, starts, starts again, stops and removes its
 * container. Each step may be done twice without harm, so that it goes on after any interruption.
 */
final class Settling {
  private static final Logger log = LoggerFactory.getLogger(Settling.class);

  private final Vertx vertx;
  private final Engine engine;
  private final Claims claims;
  private final EngineSteps steps;
  private final RestartRule restarts;
  private final ContainerNews news;
  private final Clock clock;
  private EngineWatch watch;
  private Runnable look;

  /** Orders lists and steps: what was listed before a step ended says nothing of its claim. */
  private long moment;

  Settling(
      Vertx vertx,
      Engine engine,
      Claims claims,
      EngineSteps steps,
      RestartRule restarts,
      ContainerNews news,
      Clock clock) {
    this.vertx = vertx;
    this.engine = engine;
    this.claims = claims;
    this.steps = steps;
    this.restarts = restarts;
    this.news = news;
    this.clock = clock;
  }

  /**
   * @param looks again at what the engine has
   */
  void watch(EngineWatch engineWatch, Runnable looks) {
    this.watch = engineWatch;
    this.look = looks;
  }

  /** One that comes after all that were given out before. */
  long moment() {
    return ++moment;
  }

  /**
   * Does what is to be done next with a claim.
   *
   * @return when that is done; fails where it cannot be. While the engine is away it succeeds at
   *     once, and goes on when it is back.
   */
  Future<Void> settle(Claim claim) {
    if (claims.get(claim.id()) != claim) {
      // It is gone: what it had may be another's.
      return Future.succeededFuture();
    }
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
    calm(claim);
    return next(claim)
        .onComplete(
            done -> {
              over(claim);
              look.run();
            },
            cause -> {
              over(claim);
              failed(claim, cause);
              if (claim.again) {
                look.run();
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
    calm(claim);
    return engine
        .stop(claim.containerId, claim.grace)
        .compose(v -> engine.start(claim.containerId))
        .onComplete(
            done -> {
              over(claim);
              claim.restarts++;
              begun(claim);
              look.run();
            },
            cause -> {
              over(claim);
              failed(claim, cause);
            });
  }

  /**
   * Starts it again after a while.
   *
   * @param ms milliseconds
   */
  void startLater(Claim claim, long ms) {
    later(claim, ms, () -> claim.restarts++);
  }

  private void later(Claim claim, long ms, Runnable first) {
    calm(claim);
    claim.timer =
        vertx.setTimer(
            ms,
            id -> {
              claim.timer = -1;
              first.run();
              settle(claim);
            });
  }

  /** It waits for nothing any more. */
  void calm(Claim claim) {
    vertx.cancelTimer(claim.timer);
    claim.timer = -1;
  }

  /** Whether it is tried again after a while. */
  boolean isWaiting(Claim claim) {
    return claim.timer >= 0;
  }

  /** Whether it was to be tried again, and was not since the engine was away at that time. */
  boolean isOverdue(Claim claim) {
    boolean waits =
        claim.state() == State.EXITED || (claim.state() == State.FAILED && isTriedAgain(claim));
    return claim.wanted && waits && !isWaiting(claim);
  }

  /** One that ran: a port may be taken for a moment, a driver be loaded again. */
  private static boolean isTriedAgain(Claim claim) {
    return claim.started || claim.spec.restart() == Restart.ALWAYS;
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
                : engine.start(claim.containerId).onSuccess(started -> begun(claim)));
  }

  /** Also where it ended again before anybody looked: the next look sees it then. */
  private static void begun(Claim claim) {
    claim.started = true;
    if (!claim.removing) {
      claim.become(State.CREATING);
    }
  }

  /** Somebody wanted it to be stopped, and it is. */
  void stopped(Claim claim) {
    if (!claim.removing && !claim.wanted) {
      claim.finishedAt = clock.millis();
      claim.become(State.STOPPED);
      news.stopped(claim);
    }
  }

  private void failed(Claim claim, Throwable cause) {
    if (claims.get(claim.id()) != claim) {
      return;
    }
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
    claim.failures++;
    if (claim.wanted && !claim.removing) {
      claim.become(State.FAILED);
      news.failed(claim, why);
      if (!isTriedAgain(claim)) {
        return;
      }
    }
    later(claim, restarts.waitMs(claim.failures), () -> {});
  }

  /** The engine works on it no more. */
  void over(Claim claim) {
    claim.busy = false;
    claim.movedAt = moment();
    List<Promise<Void>> waiting = List.copyOf(claim.whenIdle);
    claim.whenIdle.clear();
    waiting.forEach(Promise::tryComplete);
  }
}
