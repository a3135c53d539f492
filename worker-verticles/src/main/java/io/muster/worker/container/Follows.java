package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerInfo.State;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Those who follow containers: what happens to them, how their images come, what they write. */
final class Follows {
  private static final long IDLE_NANOS = 60_000_000_000L;
  private static final long SWEEP_MS = 10_000;

  private final Vertx vertx;
  private final Engine engine;
  private final EngineWatch watch;
  private final int most;
  private final LongSupplier nanoTime;
  private final Map<String, Open> open = new HashMap<>();
  private long timer = -1;

  /**
   * @param most at once
   */
  Follows(Vertx vertx, Engine engine, EngineWatch watch, int most, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.engine = engine;
    this.watch = watch;
    this.most = most;
    this.nanoTime = nanoTime;
  }

  void start() {
    timer = vertx.setPeriodic(SWEEP_MS, id -> sweep());
  }

  /**
   * Begins.
   *
   * @param tail lines of before, -1 for all
   * @return its name
   * @throws FaultException RATE_LIMITED where there are too many
   */
  String begin(Claim claim, int tail, boolean follow) {
    if (open.size() >= most) {
      throw new FaultException(
          Failure.RATE_LIMITED,
          "There are " + most + " who follow containers here (CONTAINER_MAX_STREAMS).");
    }
    String id = UUID.randomUUID().toString();
    Open started = new Open(claim, tail, follow);
    open.put(id, started);
    claim.listen(started);
    return id;
  }

  /** See {@link Follow#read}. */
  Future<Piece> read(String id, int maxBytes, int waitMs) {
    Open reading = open.get(id);
    if (reading == null) {
      throw new FaultException(Failure.NOT_FOUND, "There is no such stream (any more).");
    }
    return reading
        .follow
        .read(maxBytes, waitMs, nanoTime.getAsLong())
        .onSuccess(
            piece -> {
              if (piece.ended()) {
                end(id);
              }
            });
  }

  void end(String id) {
    Open ended = open.remove(id);
    if (ended != null) {
      ended.close();
    }
  }

  int size() {
    return open.size();
  }

  void stop() {
    vertx.cancelTimer(timer);
    List.copyOf(open.keySet()).forEach(this::end);
  }

  private void sweep() {
    long now = nanoTime.getAsLong();
    List.copyOf(open.entrySet())
        .forEach(
            entry -> {
              if (now - entry.getValue().follow.readAt() > IDLE_NANOS) {
                end(entry.getKey());
              }
            });
  }

  /** One of them. */
  private final class Open implements Consumer<Told> {
    private final Claim claim;
    private final int tail;
    private final boolean wantsMore;
    private final Follow follow = new Follow(vertx, nanoTime.getAsLong());
    private Runnable stop;

    Open(Claim claim, int tail, boolean wantsMore) {
      this.claim = claim;
      this.tail = tail;
      this.wantsMore = wantsMore;
    }

    @Override
    public void accept(Told told) {
      if (told.kind().equals("log")) {
        return;
      }
      follow.offer(told);
      State state = claim.state();
      boolean over = state == State.FAILED || state == State.REMOVING;
      boolean ran = state == State.RUNNING || state == State.EXITED || state == State.STOPPED;
      boolean hasOutput = claim.containerId != null && (ran || (over && claim.started));
      if (stop == null && hasOutput && !watch.isUp()) {
        // A stream that a silent engine never begins would hold a connection for ever.
        stop = () -> {};
        follow.ended(watch.problem());
      } else if (stop == null && hasOutput) {
        stop = engine.follow(claim.containerId, tail, wantsMore && state == State.RUNNING, follow);
      } else if (stop == null && (over || !wantsMore || ran)) {
        follow.end();
      }
    }

    void close() {
      // Not while those who listen are gone through.
      vertx.runOnContext(v -> claim.ignore(this));
      if (stop != null) {
        stop.run();
      }
      follow.close();
    }
  }
}
