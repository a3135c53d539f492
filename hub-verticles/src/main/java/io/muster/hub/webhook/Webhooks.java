package io.muster.hub.webhook;

import io.muster.event.Events;
import io.muster.hub.events.EventFeed;
import io.muster.hub.events.EventTypes;
import io.muster.hub.events.Told;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events to all webhooks. One hub of the fleet does, the one that joined first; when it dies
 * the next goes on after the last event that was done with. Used on the hub's event loop.
 */
final class Webhooks {
  private static final Logger log = LoggerFactory.getLogger(Webhooks.class);
  private static final long LOOK_MS = 5_000;

  private final Vertx vertx;
  private final WebhookStore store;
  private final WebhookSender sender;
  private final WebhookQueue.Options options;
  private final EventFeed feed;
  private final Events events;
  private final BooleanSupplier first;
  private final Clock clock;
  private final Map<String, WebhookQueue> queues = new HashMap<>();
  private boolean looking;
  private boolean again;
  private boolean closed;
  private long timer;

  Webhooks(
      Vertx vertx,
      WebhookStore store,
      WebhookSender sender,
      WebhookQueue.Options options,
      EventFeed feed,
      Events events,
      BooleanSupplier first,
      Clock clock) {
    this.vertx = vertx;
    this.store = store;
    this.sender = sender;
    this.options = options;
    this.feed = feed;
    this.events = events;
    this.first = first;
    this.clock = clock;
  }

  void start() {
    feed.listen(this::hear);
    timer = vertx.setPeriodic(LOOK_MS, id -> look());
    look();
  }

  /** How many events wait for a webhook here. */
  int pending(String id) {
    WebhookQueue queue = queues.get(id);
    return queue == null ? 0 : queue.pending();
  }

  private void hear(Told told) {
    if (closed) {
      return;
    }
    if (told.type().startsWith("webhook_")) {
      look();
    }
    for (WebhookQueue queue : List.copyOf(queues.values())) {
      queue.offer(told);
    }
  }

  /** Takes up what the database says, where this hub is the one that sends. */
  private void look() {
    if (closed) {
      return;
    }
    if (!first.getAsBoolean()) {
      queues.values().forEach(WebhookQueue::close);
      queues.clear();
      return;
    }
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    store
        .list()
        .onSuccess(this::take)
        .onFailure(e -> log.warn("the webhooks cannot be read: {}", e.getMessage()))
        .onComplete(
            done -> {
              looking = false;
              if (again) {
                again = false;
                look();
              }
            });
  }

  private void take(List<Webhook> hooks) {
    if (closed) {
      return;
    }
    Set<String> on = new HashSet<>();
    for (Webhook hook : hooks) {
      if (hook.isOn()) {
        on.add(hook.id());
        queues.computeIfAbsent(hook.id(), id -> open(hook));
      }
    }
    for (String id : new ArrayList<>(queues.keySet())) {
      if (!on.contains(id)) {
        queues.remove(id).close();
      }
    }
  }

  private WebhookQueue open(Webhook hook) {
    boolean resumes = hook.doneId() != null;
    WebhookQueue queue =
        new WebhookQueue(
            vertx, sender, store, options, clock, hook, resumes, off -> stopped(hook.id(), off));
    if (resumes) {
      feed.since(hook.doneId())
          .onSuccess(queue::resume)
          .onFailure(
              e -> {
                log.warn("webhook {} goes on without what was: {}", hook.id(), e.getMessage());
                queue.resume(List.of());
              });
    }
    return queue;
  }

  /** One that could not be switched off is taken up again at the next look. */
  private void stopped(String id, boolean switchedOff) {
    queues.remove(id);
    if (switchedOff) {
      events.emit(
          EventTypes.WEBHOOK_DISABLED, Map.of("webhookId", id, "reason", "failed for too long"));
    }
  }

  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    queues.values().forEach(WebhookQueue::close);
    queues.clear();
    return sender.close();
  }
}
