package io.muster.hub.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.quota.QuotaStore.Done;
import io.muster.hub.quota.QuotaStore.Step;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of steps in no particular order, of several hubs: requests come, end, time passes, hubs
 * die, stall, and cannot reach the database, whose answers are sometimes lost. No limit is ever
 * exceeded, as those see it who hold something, and in the end nothing is held.
 */
class QuotaPropertyTest {
  private static final long LEASE_MS = 5_000;
  private static final Limits LIMITS = new Limits(20, 1_000_000, 3, 2);
  private static final List<Principal> PRINCIPALS =
      List.of(Principal.node("n1"), Principal.node("n2"), Principal.key("key-1"));

  private static final class Held {
    final Hub hub;
    final Hold hold;
    final Principal principal;
    final Demand demand;
    boolean lost;

    Held(Hub hub, Hold hold, Principal principal, Demand demand) {
      this.hub = hub;
      this.hold = hold;
      this.principal = principal;
      this.demand = demand;
    }
  }

  private record Transaction(List<Step> steps, Promise<Done> promise) {}

  private final class Hub {
    final String id = "hub-" + ++hubs;
    final HoldBook book = new HoldBook(id, this::submit, () -> nowMs * 1_000_000, LEASE_MS, false);
    Transaction running;
    boolean stalled;

    Future<Done> submit(List<Step> steps) {
      running = new Transaction(steps, Promise.promise());
      return running.promise.future();
    }

    void tick() {
      book.tick();
    }

    void answer() {
      Transaction transaction = running;
      if (transaction == null) {
        return;
      }
      running = null;
      int luck = random.nextInt(20);
      if (luck == 0) {
        transaction.promise.fail(away());
      } else {
        Done done = ledger.run(id, transaction.steps, nowMs);
        note(transaction, done);
        if (luck == 1) {
          // Committed, but nobody gets to know.
          transaction.promise.fail(away());
        } else {
          transaction.promise.complete(done);
        }
      }
    }
  }

  private Random random;
  private int hubs;
  private long nowMs = 1_795_257_346_123L;
  private final Ledger ledger = new Ledger(LEASE_MS);
  private final List<Hub> alive = new ArrayList<>();
  private final List<Held> held = new ArrayList<>();
  private final Map<Principal, List<Long>> admitted = new HashMap<>();
  private int refused;
  private int granted;
  private int lost;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whateverHappensNoLimitIsExceededAndNothingStaysHeld(long seed) {
    random = new Random(seed);
    alive.add(new Hub());
    alive.add(new Hub());
    for (int i = 0; i < 20_000; i++) {
      step();
      check();
    }
    alive.forEach(hub -> hub.stalled = false);
    alive.forEach(Hub::tick);
    for (int i = 0; i < 200; i++) {
      held.forEach(one -> one.hold.settle(1));
      held.clear();
      pass(LEASE_MS / 12);
      alive.forEach(Hub::answer);
    }
    assertThat(ledger.quotas.values())
        .allSatisfy(
            quota -> {
              assertThat(quota.heldStreams()).isZero();
              assertThat(quota.heldTokens()).isZero();
            });
    assertThat(granted).isGreaterThan(300);
    assertThat(refused).isGreaterThan(500);
    assertThat(lost).isPositive();
  }

  private void step() {
    int what = random.nextInt(100);
    Hub hub = alive.get(random.nextInt(alive.size()));
    if (what < 30) {
      if (!hub.stalled) {
        ask(hub);
      }
    } else if (what < 55) {
      settleOne();
    } else if (what < 85) {
      if (!hub.stalled) {
        hub.answer();
      }
    } else if (what < 97) {
      pass(random.nextInt((int) LEASE_MS / 12));
    } else if (what < 98) {
      hub.stalled = !hub.stalled;
      if (!hub.stalled) {
        hub.tick();
      }
    } else if (random.nextInt(10) == 0) {
      alive.remove(hub);
      held.removeIf(one -> one.hub == hub);
      alive.add(new Hub());
    } else if (random.nextInt(10) == 0) {
      // Much time, in which the hubs that live do what they have to.
      for (int i = 0; i < 12 * 20; i++) {
        pass(LEASE_MS / 12);
        alive.stream().filter(one -> !one.stalled).forEach(Hub::answer);
      }
    }
  }

  private void ask(Hub hub) {
    Principal principal = PRINCIPALS.get(random.nextInt(PRINCIPALS.size()));
    Demand demand = new Demand(random.nextInt(8_000), random.nextInt(3) > 0);
    hub.book
        .reserve(principal, LIMITS, demand)
        .onSuccess(
            hold -> {
              granted++;
              Held one = new Held(hub, hold, principal, demand);
              held.add(one);
              hold.whenLost(
                  () -> {
                    lost++;
                    one.lost = true;
                  });
            })
        .onFailure(cause -> refused += cause instanceof QuotaExceeded ? 1 : 0);
  }

  private void settleOne() {
    if (!held.isEmpty()) {
      Held one = held.get(random.nextInt(held.size()));
      if (!one.hub.stalled) {
        held.remove(one);
        one.hold.settle(random.nextInt((int) one.demand.tokens() + 1));
        one.hold.settle(1_000_000);
      }
    }
  }

  private void pass(long ms) {
    nowMs += ms;
    alive.stream().filter(hub -> !hub.stalled).forEach(Hub::tick);
  }

  /** What the database has admitted, by the clock of whoever looks at it from outside. */
  private void note(Transaction transaction, Done done) {
    for (int i = 0; i < transaction.steps.size(); i++) {
      if (done.outcomes().get(i) != null && done.outcomes().get(i).refusal() == null) {
        admitted
            .computeIfAbsent(transaction.steps.get(i).principal(), p -> new ArrayList<>())
            .add(nowMs);
      }
    }
  }

  private void check() {
    for (Principal principal : PRINCIPALS) {
      // Those of a hub that stands still go on only until it looks at the clock again.
      List<Held> running =
          held.stream()
              .filter(one -> one.principal.equals(principal) && !one.lost && !one.hub.stalled)
              .toList();
      assertThat(running.stream().filter(one -> one.demand.stream()).count())
          .isLessThanOrEqualTo(LIMITS.streams());
      Quota quota = ledger.quotas.get(principal);
      if (quota != null) {
        assertThat(quota.heldStreams()).isBetween(0L, LIMITS.streams());
        long tokens = running.stream().mapToLong(one -> one.demand.tokens()).sum();
        assertThat(tokens).isLessThanOrEqualTo(LIMITS.tokensPerDay());
        if (lost == 0) {
          assertThat(quota.tokens() + quota.heldTokens())
              .isLessThanOrEqualTo(LIMITS.tokensPerDay());
        }
      }
      List<Long> times = admitted.getOrDefault(principal, List.of());
      long from = nowMs - LIMITS.windowMs();
      int recent = 0;
      for (int i = times.size() - 1; i >= 0 && times.get(i) > from; i--) {
        recent++;
      }
      assertThat(recent).isLessThanOrEqualTo((int) LIMITS.windowRequests());
    }
  }

  private static Throwable away() {
    return Fault.of(Failure.UNREACHABLE, "the database is away").asException();
  }
}
