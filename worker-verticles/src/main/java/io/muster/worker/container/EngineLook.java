package io.muster.worker.container;

import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec;
import io.muster.worker.container.Engine.Condition;
import io.muster.worker.container.Engine.Seen;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks what the engine has, and sees what follows from it for each claim: what runs, what ended,
 * what somebody else removed, what was there before this process, and what was left half-made.
 */
final class EngineLook {
  private static final Logger log = LoggerFactory.getLogger(EngineLook.class);

  private final String nodeId;
  private final Engine engine;
  private final Claims claims;
  private final Reservations reservations;
  private final Settling settling;
  private final RestartRule restarts;
  private final ContainerNews news;
  private final Clock clock;

  /** What was started before is no news. */
  private final long since;

  /** Containers that are being removed, since they are nobody's. */
  private final Set<String> clearing = new HashSet<>();

  private EngineWatch watch;
  private boolean looking;
  private boolean again;

  EngineLook(
      String nodeId,
      Engine engine,
      Claims claims,
      Reservations reservations,
      Settling settling,
      RestartRule restarts,
      ContainerNews news,
      Clock clock) {
    this.nodeId = nodeId;
    this.engine = engine;
    this.claims = claims;
    this.reservations = reservations;
    this.settling = settling;
    this.restarts = restarts;
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

  /** Looks now, or once more after the look that is under way. */
  void look() {
    if (looking) {
      again = true;
      return;
    }
    if (!watch.isUp()) {
      // It is looked at when it is back.
      return;
    }
    looking = true;
    again = false;
    long asked = settling.moment();
    int forgotten = claims.forgotten();
    engine
        .list()
        .onComplete(
            seen -> {
              looking = false;
              compare(seen, asked, claims.forgotten() == forgotten);
              if (again) {
                look();
              }
            },
            cause -> {
              looking = false;
              watch.doubt();
            });
  }

  /**
   * @param current whether no claim was forgotten since it was listed, whose container would be
   *     taken for one that nothing is known of
   */
  private void compare(List<Seen> all, long asked, boolean current) {
    Map<String, Seen> ours = new HashMap<>();
    Set<String> others = new HashSet<>();
    for (Seen seen : all) {
      if (seen.node().equals(nodeId)) {
        Seen before = ours.put(seen.claim(), seen);
        if (before != null) {
          // Names are unique, so this takes somebody's own hand.
          log.warn("claim {} has two containers, {} and {}", seen.claim(), before.id(), seen.id());
        }
      } else {
        // Another worker on this machine: its GPUs are none of ours.
        String holder = seen.node() + "/" + seen.claim();
        others.add(holder);
        reservations.foreign(holder, Labels.gpus(seen.labels()));
      }
    }
    reservations.onlyForeign(others);
    for (Claim claim : claims.all()) {
      if (claim.busy) {
        claim.again = true;
      } else if (claim.movedAt < asked) {
        compare(claim, ours.get(claim.id()));
      }
    }
    for (Seen seen : ours.values()) {
      if (claims.get(seen.claim()) == null) {
        if (current) {
          takeUp(seen);
        } else {
          again = true;
        }
      }
    }
  }

  private void compare(Claim claim, Seen seen) {
    if (seen == null) {
      if (claim.containerId != null || claim.started) {
        vanished(claim);
      } else if (claim.removing
          || (claim.wanted && (claim.state() == State.PENDING || settling.isOverdue(claim)))) {
        settling.settle(claim);
      }
      return;
    }
    if (!claim.has(seen)) {
      clear(seen, "is of an earlier claim of the same name");
      return;
    }
    claim.containerId = seen.id();
    if (claim.removing) {
      if (!settling.isWaiting(claim)) {
        settling.settle(claim);
      }
    } else if (seen.running()) {
      claim.ports = seen.ports();
      running(claim);
    } else if (!claim.wanted) {
      if (isAlive(claim.state())) {
        // The engine did what it gave no answer about.
        settling.stopped(claim);
      }
    } else if (isAlive(claim.state())) {
      if (seen.created()) {
        settling.settle(claim);
      } else {
        ended(claim);
      }
    } else if (settling.isOverdue(claim)) {
      settling.settle(claim);
    }
  }

  private static boolean isAlive(State state) {
    return state != State.EXITED && state != State.FAILED && state != State.STOPPED;
  }

  private void running(Claim claim) {
    if (!claim.wanted) {
      // It was to be stopped when the engine or this process went away.
      if (!settling.isWaiting(claim)) {
        settling.settle(claim);
      }
      return;
    }
    if (claim.state() == State.RUNNING) {
      claim.cutOff = false;
      return;
    }
    claim.started = true;
    claim.error = null;
    claim.cutOff = false;
    settling.calm(claim);
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
    settling.calm(claim);
    boolean anew =
        claim.wanted
            && claim.spec.restart() == ContainerSpec.Restart.ALWAYS
            && claim.hasItsEnvironment();
    if (claim.removing || !anew) {
      claims.forget(claim).onSuccess(v -> news.removed(claim, before, !claim.removing));
      return;
    }
    log.warn("the container of claim {} is gone, and is made again", claim.id());
    claim.started = false;
    claim.become(State.PENDING);
    settling.settle(claim);
  }

  private void ended(Claim claim) {
    claim.busy = true;
    engine
        .condition(claim.containerId)
        .onComplete(
            condition -> {
              settling.over(claim);
              if (condition.running() || claim.removing || !claim.wanted) {
                look();
              } else {
                ended(claim, condition);
              }
            },
            cause -> {
              settling.over(claim);
              watch.doubt();
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
      settling.startLater(claim, cutOff ? 1 : restarts.waitMs(claim.failures));
    } else {
      claim.wanted = false;
      claims.saveQuietly(claim);
    }
  }

  /** One of ours that nothing is written down of. */
  private void takeUp(Seen seen) {
    ContainerSpec spec = Labels.spec(seen.labels());
    if (seen.created() || spec == null || spec.claimId() == null) {
      clear(seen, "was left half-made");
      return;
    }
    log.warn("container {} of claim {} is taken up again", seen.id(), spec.claimId());
    Claim claim = new Claim(spec, Labels.hash(seen.labels()), clock.millis());
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

  private void clear(Seen seen, String why) {
    if (clearing.add(seen.id())) {
      log.warn("container {} {}, and is removed", seen.id(), why);
      engine
          .remove(seen.id())
          .onComplete(
              gone -> {
                clearing.remove(seen.id());
                look();
              },
              // The next look finds it again.
              cause -> clearing.remove(seen.id()));
    }
  }
}
