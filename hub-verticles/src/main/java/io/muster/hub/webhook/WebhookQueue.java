package io.muster.hub.webhook;

import io.muster.hub.events.EventTypes;
import io.muster.hub.events.Lost;
import io.muster.hub.events.Told;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits for one webhook, sent one after the other in order.
 *
 * <pre>
 *   idle ──event──▶ sending ──2xx──▶ settled ──▶ next, or idle
 *                    ▲   │ else
 *                    │   ▼
 *                   pausing ──tries used up──▶ given up ──▶ next
 *                        │ failing for too long
 *                        ▼
 *                     switched off
 * </pre>
 *
 * Used on the hub's event loop.
 */
final class WebhookQueue {
  private static final Logger log = LoggerFactory.getLogger(WebhookQueue.class);
  private static final long LONGEST_PAUSE_MS = 300_000;

  private final Vertx vertx;
  private final WebhookSender sender;
  private final WebhookStore store;
  private final Options options;
  private final Clock clock;
  private final Consumer<Boolean> stopped;
  private final Webhook hook;
  private final Deque<Told> waiting = new ArrayDeque<>();
  private Long failingSince;
  private boolean held;
  private boolean busy;
  private boolean closed;
  private long lost;
  private long timer = -1;

  /**
   * @param size events that may wait
   * @param maxTries at one event
   * @param retryBaseMs pause before the second try
   * @param disableAfterMs without a success
   */
  record Options(int size, int maxTries, long retryBaseMs, long disableAfterMs) {}

  /**
   * @param held whether it waits for {@link #resume} first
   * @param stopped is told when it has failed for too long and sends nothing more: whether the
   *     webhook was switched off, which it is not where the database cannot be reached
   */
  WebhookQueue(
      Vertx vertx,
      WebhookSender sender,
      WebhookStore store,
      Options options,
      Clock clock,
      Webhook hook,
      boolean held,
      Consumer<Boolean> stopped) {
    this.vertx = vertx;
    this.sender = sender;
    this.store = store;
    this.options = options;
    this.clock = clock;
    this.hook = hook;
    this.failingSince = hook.failingSince();
    this.held = held;
    this.stopped = stopped;
  }

  Webhook hook() {
    return hook;
  }

  int pending() {
    return waiting.size();
  }

  void offer(Told told) {
    if (closed || !hook.filter().accepts(told.type())) {
      return;
    }
    if (waiting.size() >= options.size()) {
      lost++;
      return;
    }
    if (lost > 0) {
      waiting.add(
          Lost.event("too many events waited for this webhook", null, lost, clock.millis()));
      lost = 0;
    }
    waiting.add(told);
    next();
  }

  /** What was left undone before goes first. */
  void resume(List<Told> missed) {
    List<Told> since = List.copyOf(waiting);
    waiting.clear();
    held = false;
    missed.forEach(this::offer);
    Set<String> known = missed.stream().map(Told::id).collect(Collectors.toSet());
    since.stream().filter(told -> !known.contains(told.id())).forEach(this::offer);
    next();
  }

  void close() {
    closed = true;
    waiting.clear();
    vertx.cancelTimer(timer);
  }

  private void next() {
    if (!busy && !held && !closed && !waiting.isEmpty()) {
      busy = true;
      attempt(waiting.peek(), 1);
    }
  }

  private void attempt(Told told, int attempt) {
    sender.send(hook, told, attempt).onSuccess(delivery -> tried(told, attempt, delivery));
  }

  private void tried(Told told, int attempt, Delivery delivery) {
    if (closed) {
      return;
    }
    store.note(delivery).onFailure(this::unwritten);
    if (delivery.arrived()) {
      failingSince = null;
      settle(told);
      return;
    }
    log.debug("webhook {} {}: {}", hook.id(), told.id(), delivery.failure());
    long now = clock.millis();
    if (failingSince == null) {
      failingSince = now;
      store.failing(hook.id(), now).onFailure(this::unwritten);
    }
    if (now - failingSince >= options.disableAfterMs()) {
      switchOff(delivery.failure());
    } else if (attempt >= options.maxTries()) {
      log.warn("webhook {} did not take {} in {} tries", hook.id(), told.id(), attempt);
      settle(told);
    } else {
      timer = vertx.setTimer(pauseMs(attempt), id -> attempt(told, attempt + 1));
    }
  }

  private void switchOff(String why) {
    close();
    log.warn("webhook {} is switched off, it fails since {}: {}", hook.id(), failingSince, why);
    store
        .disable(hook.id(), clock.millis(), why)
        .onFailure(this::unwritten)
        .onComplete(done -> stopped.accept(done.succeeded() && done.result()));
  }

  private void settle(Told told) {
    waiting.poll();
    busy = false;
    if (!told.id().isEmpty() && !EventTypes.isPassing(told.type())) {
      // What is not kept is nothing to go on after.
      store.settle(hook.id(), told.id(), failingSince).onFailure(this::unwritten);
    }
    next();
  }

  private long pauseMs(int attempt) {
    long pause = Math.min(LONGEST_PAUSE_MS, options.retryBaseMs() << Math.min(20, attempt - 1));
    return Math.max(1, pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1));
  }

  private void unwritten(Throwable cause) {
    log.warn("a delivery to webhook {} is not written down: {}", hook.id(), cause.getMessage());
  }
}
