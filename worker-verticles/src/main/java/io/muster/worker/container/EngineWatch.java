package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the engine is there: looks at it again and again, and hears of what happens in it.
 *
 * <pre>
 * not yet → UP ⇄ AWAY
 * </pre>
 */
final class EngineWatch {
  private static final Logger log = LoggerFactory.getLogger(EngineWatch.class);
  private static final long SOONEST_MS = 200;
  private static final long AWAY_MS = 1_000;

  private final Vertx vertx;
  private final Engine engine;
  private final long lookMs;
  private final long slowMs;
  private final LongSupplier nanoTime;
  private final Listener listener;
  private Engine.Facts facts;
  private String problem = "the engine was not looked at yet";
  private long tookMs;
  private boolean looking;
  private boolean again;
  private boolean closed;
  private Runnable endWatch;
  private long timer = -1;
  private long due;
  private final Promise<Void> first = Promise.promise();

  /** Hears how the engine is, on the event loop. */
  interface Listener {
    /** It is there, for the first time or again. */
    void up();

    void away(String problem);

    /** It is there, and something may have happened in it. */
    void look();
  }

  /**
   * @param lookMs milliseconds between two looks
   * @param slowMs an answer that takes longer is worth a word
   */
  EngineWatch(
      Vertx vertx,
      Engine engine,
      long lookMs,
      long slowMs,
      LongSupplier nanoTime,
      Listener listener) {
    this.vertx = vertx;
    this.engine = engine;
    this.lookMs = lookMs;
    this.slowMs = slowMs;
    this.nanoTime = nanoTime;
    this.listener = listener;
  }

  /**
   * @return once the engine was asked for the first time, and has answered or not
   */
  Future<Void> start() {
    look();
    return first.future();
  }

  boolean isUp() {
    return problem == null;
  }

  /** Why it is not up; null where it is. */
  String problem() {
    return problem;
  }

  /** What it said of itself last; null before the first time. */
  Engine.Facts facts() {
    return facts;
  }

  /** Milliseconds that its last answer took, where that was too long; else 0. */
  long slow() {
    return tookMs > slowMs ? tookMs : 0;
  }

  /**
   * @throws FaultException NO_CAPACITY while it is away
   */
  void need() {
    if (problem != null) {
      throw new FaultException(
          Failure.NO_CAPACITY, "The container engine cannot be used now: " + problem + ".");
    }
  }

  /** Something was not answered: looks soon. */
  void doubt() {
    soon(SOONEST_MS);
  }

  void stop() {
    closed = true;
    problem = "the node is being stopped";
    vertx.cancelTimer(timer);
    if (endWatch != null) {
      endWatch.run();
    }
  }

  private void look() {
    if (looking || closed) {
      again = true;
      return;
    }
    looking = true;
    again = false;
    long began = nanoTime.getAsLong();
    engine
        .facts()
        .onComplete(
            told -> {
              looking = false;
              if (closed) {
                return;
              }
              tookMs = (nanoTime.getAsLong() - began) / 1_000_000;
              facts = told;
              boolean isNew = problem != null;
              problem = null;
              if (isNew) {
                log.info("the container engine answers: {}", told.version());
                listener.up();
              } else {
                listener.look();
              }
              listen();
              soon(again ? SOONEST_MS : lookMs);
              first.tryComplete();
            },
            cause -> {
              looking = false;
              if (closed) {
                return;
              }
              String why = cause.getMessage();
              boolean isNew = isUp();
              if (!why.equals(problem)) {
                log.warn("containers wait: {}", why);
              }
              problem = why;
              if (isNew) {
                listener.away(why);
              }
              soon(Math.min(lookMs, AWAY_MS));
              first.tryComplete();
            });
  }

  private void listen() {
    if (endWatch == null) {
      boolean[] over = {false};
      endWatch =
          engine.watch(
              () -> soon(SOONEST_MS / 10),
              () -> {
                if (!over[0]) {
                  over[0] = true;
                  endWatch = null;
                  soon(Math.min(lookMs, AWAY_MS));
                }
              });
    }
  }

  /** Not later than that: what asks for it again and again does not put it off. */
  private void soon(long ms) {
    long wait = Math.max(1, ms);
    long at = nanoTime.getAsLong() + wait * 1_000_000;
    if (closed || (timer >= 0 && due - at <= 0)) {
      return;
    }
    vertx.cancelTimer(timer);
    due = at;
    timer =
        vertx.setTimer(
            wait,
            id -> {
              timer = -1;
              look();
            });
  }
}
