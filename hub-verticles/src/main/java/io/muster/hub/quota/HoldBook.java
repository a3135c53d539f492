package io.muster.hub.quota;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.quota.QuotaStore.Done;
import io.muster.hub.quota.QuotaStore.Outcome;
import io.muster.hub.quota.QuotaStore.Reserve;
import io.muster.hub.quota.QuotaStore.Settle;
import io.muster.hub.quota.QuotaStore.Step;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this hub holds of everybody's quotas. What is asked while a transaction runs goes into the
 * next one together, so that many requests share one. Used on the hub's event loop.
 */
final class HoldBook {
  private static final Logger log = LoggerFactory.getLogger(HoldBook.class);
  private static final int MOST_STEPS = 256;
  private static final int MOST_WAITING = 10_000;

  private record Waiting(Step step, Promise<Hold> promise) {}

  private final String hubId;
  private final Function<List<Step>, Future<Done>> run;
  private final LongSupplier nanoTime;
  private final long leaseNanos;
  private final boolean alone;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Map<String, Held> held = new LinkedHashMap<>();
  private long counter;
  private boolean running;
  private long renewedAt;
  private Promise<Void> idle;

  /**
   * @param run does steps in the database
   * @param alone no other hub can use the database: what is held cannot be taken away
   */
  HoldBook(
      String hubId,
      Function<List<Step>, Future<Done>> run,
      LongSupplier nanoTime,
      long leaseMs,
      boolean alone) {
    this.hubId = hubId;
    this.run = run;
    this.nanoTime = nanoTime;
    this.leaseNanos = leaseMs * 1_000_000;
    this.alone = alone;
    this.renewedAt = nanoTime.getAsLong();
  }

  /** Requests that hold something here. */
  int size() {
    return held.size();
  }

  Future<Hold> reserve(Principal principal, Limits limits, Demand demand) {
    if (waiting.size() >= MOST_WAITING) {
      return Future.failedFuture(
          Fault.of(Failure.NO_CAPACITY, "too many requests wait for their quota", 1000)
              .asException());
    }
    Promise<Hold> promise = Promise.promise();
    String id = hubId + "/" + Long.toString(counter++, 36);
    waiting.add(new Waiting(new Reserve(id, principal, limits, demand), promise));
    next();
    return promise.future();
  }

  private void settle(Held hold, long tokens) {
    held.remove(hold.id);
    waiting.add(new Waiting(new Settle(hold.id, hold.principal, tokens, false), null));
    next();
  }

  /** To be called twelve times a lease: renews it, and ends what is held when that failed. */
  void tick() {
    long age = nanoTime.getAsLong() - renewedAt;
    // A sixth earlier than others may take it: this is called twice within that time.
    if (age > leaseNanos - leaseNanos / 6 && !alone) {
      lose(List.copyOf(held.values()));
    }
    if (!running && (age > leaseNanos / 3 || !waiting.isEmpty())) {
      runNext();
    }
  }

  /** Succeeds when everything asked so far has been done. */
  Future<Void> drained() {
    if (!running && waiting.isEmpty()) {
      return Future.succeededFuture();
    }
    if (idle == null) {
      idle = Promise.promise();
    }
    return idle.future();
  }

  private void next() {
    if (!running) {
      runNext();
    }
  }

  private void runNext() {
    running = true;
    List<Waiting> batch = new ArrayList<>();
    while (!waiting.isEmpty() && batch.size() < MOST_STEPS) {
      batch.add(waiting.remove());
    }
    long began = nanoTime.getAsLong();
    List<Held> before = List.copyOf(held.values());
    run.apply(batch.stream().map(Waiting::step).toList())
        .onComplete(
            done -> {
              renewedAt = began;
              if (done.leaseLost()) {
                lose(before);
              }
              for (int i = 0; i < batch.size(); i++) {
                tell(batch.get(i), done.outcomes().get(i));
              }
              running = false;
              goOn();
            },
            cause -> {
              running = false;
              failed(batch, cause);
            });
  }

  private void goOn() {
    if (!waiting.isEmpty()) {
      runNext();
    } else if (idle != null) {
      Promise<Void> done = idle;
      idle = null;
      done.complete();
    }
  }

  private void tell(Waiting asked, Outcome outcome) {
    if (!(asked.step instanceof Reserve reserve)) {
      return;
    }
    if (outcome.refusal() != null) {
      asked.promise.fail(new QuotaExceeded(outcome.refusal(), outcome.standing()));
      return;
    }
    Held hold = new Held(reserve.holdId(), reserve.principal(), outcome.standing());
    held.put(hold.id, hold);
    asked.promise.complete(hold);
  }

  /**
   * What is to be settled stays to be: with the next tick it is tried again. What was to be
   * reserved fails; whether it was in the end is not known, so it is given back.
   */
  private void failed(List<Waiting> batch, Throwable cause) {
    List<Waiting> again = new ArrayList<>();
    List<Promise<Hold>> failing = new ArrayList<>();
    for (Waiting asked : batch) {
      Step step = asked.step;
      long tokens = step instanceof Settle settle ? settle.tokens() : 0;
      again.add(new Waiting(new Settle(step.holdId(), step.principal(), tokens, true), null));
      if (step instanceof Reserve) {
        failing.add(asked.promise);
      }
    }
    for (int i = again.size() - 1; i >= 0; i--) {
      waiting.addFirst(again.get(i));
    }
    failing.forEach(promise -> promise.fail(cause));
    log.warn("quotas cannot be counted now: {}", cause.getMessage());
    if (idle != null) {
      Promise<Void> done = idle;
      idle = null;
      done.fail(cause);
    }
  }

  private void lose(List<Held> lost) {
    int told = 0;
    for (Held hold : lost) {
      if (held.containsKey(hold.id) && hold.lose()) {
        told++;
      }
    }
    if (told > 0) {
      log.warn("the lease on quotas was not renewed in time: {} requests are ended", told);
    }
  }

  private final class Held implements Hold {
    private final String id;
    private final Principal principal;
    private final Standing standing;
    private Runnable whenLost;
    private boolean lost;
    private boolean settled;

    Held(String id, Principal principal, Standing standing) {
      this.id = id;
      this.principal = principal;
      this.standing = standing;
    }

    @Override
    public Standing standing() {
      return standing;
    }

    @Override
    public void settle(long tokens) {
      if (!settled) {
        settled = true;
        HoldBook.this.settle(this, tokens);
      }
    }

    @Override
    public void whenLost(Runnable action) {
      whenLost = action;
      if (lost) {
        action.run();
      }
    }

    boolean lose() {
      if (lost || settled) {
        return false;
      }
      lost = true;
      if (whenLost != null) {
        whenLost.run();
      }
      return true;
    }
  }
}
