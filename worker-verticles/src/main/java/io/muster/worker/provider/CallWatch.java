package io.muster.worker.provider;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Looks after the time-outs of all calls to one server with one timer: a call only notes when it is
 * due, so that a token costs no timer.
 */
final class CallWatch {
  static final long NEVER = Long.MAX_VALUE;

  /** A call that may be overdue. */
  interface Watched {
    /** Milliseconds of the watch's clock after which it is overdue. */
    long dueAt();

    /** It is overdue; it may leave the watch. */
    void overdue();
  }

  private final Vertx vertx;
  private final long periodMs;
  private final LongSupplier clock;
  private final Set<Watched> calls = new LinkedHashSet<>();
  private long timer = -1;

  /**
   * @param shortestMs the shortest time-out in use, in milliseconds
   * @param clock milliseconds, never going back
   */
  CallWatch(Vertx vertx, long shortestMs, LongSupplier clock) {
    this.vertx = vertx;
    this.periodMs = Math.max(5, Math.min(250, shortestMs / 8));
    this.clock = clock;
  }

  /** Milliseconds now, by the clock that {@link Watched#dueAt} is by. */
  long now() {
    return clock.getAsLong();
  }

  void add(Watched call) {
    calls.add(call);
    if (timer == -1) {
      timer = vertx.setPeriodic(periodMs, id -> look());
    }
  }

  void remove(Watched call) {
    calls.remove(call);
  }

  void close() {
    calls.clear();
    stop();
  }

  private void look() {
    if (calls.isEmpty()) {
      stop();
      return;
    }
    long now = now();
    List<Watched> overdue = null;
    for (Watched call : calls) {
      if (call.dueAt() <= now) {
        overdue = overdue == null ? new ArrayList<>(4) : overdue;
        overdue.add(call);
      }
    }
    if (overdue != null) {
      overdue.forEach(Watched::overdue);
    }
  }

  private void stop() {
    if (timer != -1) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }
}
