package io.muster.hub.events;

import io.muster.bus.FaultException;
import io.muster.event.ClusterEvent;
import io.muster.hub.http.ApiErrors;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All events as they come over the bus, handed to the log and to whoever has subscribed at this
 * hub. Nobody is waited for. Used on the hub's event loop.
 */
public final class EventFeed {
  /** Replays longer than this would hold up the live events for too long. */
  private static final int LONGEST_REPLAY = 10_000;

  private final Options options;
  private final EventLog log;
  private final Predicate<ClusterEvent> ours;
  private final Clock clock;
  private final Deque<Told> recent = new ArrayDeque<>();
  private final Set<Subscription> subscriptions = new LinkedHashSet<>();
  private final List<Consumer<Told>> listeners = new ArrayList<>();
  private long cutOff;

  /**
   * @param recent events that are remembered in memory
   * @param queue events that may wait for a subscriber
   * @param subscribers most of them at once
   */
  public record Options(int recent, int queue, int subscribers) {}

  /**
   * @param ours whether it is this hub that keeps an event: one does
   */
  EventFeed(Options options, EventLog log, Predicate<ClusterEvent> ours, Clock clock) {
    this.options = options;
    this.log = log;
    this.ours = ours;
    this.clock = clock;
  }

  /** Hands every event on, in this process; may not block. */
  public void listen(Consumer<Told> listener) {
    listeners.add(listener);
  }

  /** An event from the bus. */
  public void hear(ClusterEvent event) {
    Told told = new Told(event);
    if (!EventTypes.isPassing(event.type())) {
      recent.add(told);
      if (recent.size() > options.recent()) {
        recent.poll();
      }
      if (ours.test(event)) {
        log.add(told);
      }
    }
    for (Subscription subscription : List.copyOf(subscriptions)) {
      if (!subscription.offer(told)) {
        cutOff++;
        subscriptions.remove(subscription);
      }
    }
    for (Consumer<Told> listener : listeners) {
      listener.accept(told);
    }
  }

  /**
   * Subscribes from now on.
   *
   * @throws RuntimeException a 503 when there are as many subscribers as may be
   */
  Subscription subscribe(Outlet outlet, EventFilter filter) {
    return add(new Subscription(outlet, filter, options.queue(), false));
  }

  /** Subscribes, and sends first what came after this event. */
  Subscription resume(Outlet outlet, EventFilter filter, String lastId) {
    Subscription subscription = add(new Subscription(outlet, filter, options.queue(), true));
    since(lastId)
        .onSuccess(subscription::replay)
        .onFailure(
            cause ->
                subscription.replay(
                    List.of(lost("the log cannot be read: " + cause.getMessage(), lastId))));
    return subscription;
  }

  /**
   * Sees whether one more may subscribe.
   *
   * @throws RuntimeException a 503 when not
   */
  void checkRoom() {
    if (subscriptions.size() >= options.subscribers()) {
      throw ApiErrors.later(
          503,
          "too_many_subscribers",
          "This hub has " + options.subscribers() + " subscribers, which is its limit.",
          5_000);
    }
  }

  private Subscription add(Subscription subscription) {
    checkRoom();
    subscriptions.add(subscription);
    return subscription;
  }

  void unsubscribe(Subscription subscription) {
    subscription.end();
    subscriptions.remove(subscription);
  }

  /** Shows all subscribers that the hub is there. */
  void keepAlive() {
    List.copyOf(subscriptions).forEach(subscription -> subscription.outlet().keepAlive());
  }

  /**
   * Ends those whose token does not hold any more: it was revoked, or is over.
   *
   * @param check fails with 401 or 403 for such a one
   */
  void recheck(Function<String, Future<String>> check) {
    for (Subscription subscription : List.copyOf(subscriptions)) {
      check
          .apply(subscription.token())
          .onFailure(
              cause -> {
                // A database that is away takes nobody's right.
                if (!(cause instanceof FaultException)) {
                  unsubscribe(subscription);
                  subscription.outlet().revoke();
                }
              });
    }
  }

  /** Subscribers at this hub now. */
  public int subscribers() {
    return subscriptions.size();
  }

  /** Subscribers that were cut off since the start, because they were too slow. */
  public long cutOff() {
    return cutOff;
  }

  /**
   * What came after an event, oldest first; where some of it is not kept any more, an event that
   * says so comes first.
   */
  public Future<List<Told>> since(String lastId) {
    Optional<Cursor> cursor = Cursor.of(lastId);
    if (cursor.isEmpty()) {
      return Future.succeededFuture(
          List.of(lost("'" + shortened(lastId) + "' is no event's id", shortened(lastId))));
    }
    Cursor last = cursor.get();
    return log.holds(lastId)
        .compose(
            held ->
                log.since(last.from(), LONGEST_REPLAY + 1)
                    .map(kept -> missed(last, held || isRecent(lastId), kept)));
  }

  private List<Told> missed(Cursor last, boolean held, List<Told> kept) {
    List<Told> missed = new ArrayList<>();
    if (!held) {
      missed.add(lost("the event after which to go on is not kept any more", last.id()));
    } else if (kept.size() > LONGEST_REPLAY) {
      missed.add(lost("more than " + LONGEST_REPLAY + " events are missing", last.id()));
    }
    Set<String> seen = new LinkedHashSet<>();
    List<Told> events = new ArrayList<>(kept);
    // What other hubs have told a moment ago may not be in the log yet.
    events.addAll(recent);
    events.stream()
        .filter(told -> last.isBefore(told.event()) && seen.add(told.id()))
        .sorted(
            java.util.Comparator.comparingLong((Told told) -> told.event().timestamp())
                .thenComparing(Told::id))
        .forEach(missed::add);
    return missed;
  }

  private boolean isRecent(String id) {
    return recent.stream().anyMatch(told -> told.id().equals(id));
  }

  /** The newest events that are kept, oldest first. */
  public Future<List<Told>> newest(int limit) {
    return log.newest(limit);
  }

  private Told lost(String reason, String lastId) {
    return Lost.event(reason, lastId, null, clock.millis());
  }

  private static String shortened(String text) {
    return text.length() > 200 ? text.substring(0, 200) : text;
  }
}
