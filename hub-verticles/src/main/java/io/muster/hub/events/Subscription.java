package io.muster.hub.events;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One subscriber: what it wants, and what waits for it, which is bounded. One that falls too far
 * behind is cut off; nothing ever waits for it.
 */
final class Subscription {
  private final Outlet outlet;
  private final int limit;
  private final Deque<Told> waiting = new ArrayDeque<>();
  private EventFilter filter;
  private String token;
  private Set<String> replayed;
  private int past;
  private boolean held;
  private boolean draining;
  private boolean over;

  /**
   * @param limit events that may wait
   * @param held whether it waits for {@link #replay} first
   */
  Subscription(Outlet outlet, EventFilter filter, int limit, boolean held) {
    this.outlet = outlet;
    this.filter = filter;
    this.limit = limit;
    this.held = held;
  }

  /** Whoever reads has presented this token. */
  Subscription by(String presented) {
    token = presented;
    return this;
  }

  String token() {
    return token;
  }

  EventFilter filter() {
    return filter;
  }

  void filter(EventFilter wanted) {
    filter = wanted;
  }

  Outlet outlet() {
    return outlet;
  }

  /**
   * Something happened.
   *
   * @return false when the subscriber has just been cut off
   */
  boolean offer(Told told) {
    if (over || !filter.accepts(told.type())) {
      return true;
    }
    if (!held && waiting.isEmpty() && !outlet.isFull()) {
      outlet.write(told);
      return true;
    }
    if (waiting.size() - past >= limit) {
      over = true;
      waiting.clear();
      outlet.cutOff();
      return false;
    }
    waiting.add(told);
    flush();
    return true;
  }

  /** What it has missed goes first, then what came meanwhile and was not among it. */
  void replay(List<Told> missed) {
    replayed = new HashSet<>();
    missed.forEach(told -> replayed.add(told.id()));
    waiting.removeIf(told -> replayed.contains(told.id()));
    List<Told> live = List.copyOf(waiting);
    waiting.clear();
    missed.stream().filter(told -> filter.accepts(told.type())).forEach(waiting::add);
    past = waiting.size();
    waiting.addAll(live);
    held = false;
    flush();
  }

  void end() {
    over = true;
    waiting.clear();
  }

  private void flush() {
    while (!held && !waiting.isEmpty() && !outlet.isFull()) {
      outlet.write(waiting.poll());
      past = Math.max(0, past - 1);
    }
    if (!waiting.isEmpty() && !held && !draining) {
      draining = true;
      outlet.whenDrained(
          () -> {
            draining = false;
            if (!over) {
              flush();
            }
          });
    }
  }
}
