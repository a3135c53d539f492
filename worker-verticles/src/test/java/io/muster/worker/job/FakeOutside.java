package io.muster.worker.job;

import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The event loop and the bus, played by the test. */
final class FakeOutside implements Outbox.Outside {
  static final long MS = 1_000_000;

  private record Timer(long at, Runnable action) {}

  final List<FrameBatch> told = new ArrayList<>();
  final List<String> addresses = new ArrayList<>();
  long now = 5 * MS;
  Supplier<Future<Void>> wire = Future::succeededFuture;
  private final ArrayDeque<Runnable> soon = new ArrayDeque<>();
  private final List<Timer> timers = new ArrayList<>();

  @Override
  public Future<Void> tell(String address, FrameBatch batch) {
    addresses.add(address);
    told.add(batch);
    return wire.get();
  }

  @Override
  public void soon(Runnable action) {
    soon.add(action);
  }

  @Override
  public void later(long ms, Runnable action) {
    timers.add(new Timer(now + ms * MS, action));
  }

  /** Ends this turn of the event loop, and all that follow from it. */
  void turn() {
    while (!soon.isEmpty()) {
      soon.poll().run();
    }
  }

  void pass(long ms) {
    long end = now + ms * MS;
    while (now < end) {
      now = Math.min(end, now + 10 * MS);
      for (Timer timer : List.copyOf(timers)) {
        if (timer.at() <= now && timers.remove(timer)) {
          timer.action().run();
        }
      }
      turn();
    }
  }

  void fail() {
    wire = () -> Future.failedFuture("broken");
  }

  void heal() {
    wire = Future::succeededFuture;
  }

  /** Writes from now on wait for the test. */
  List<Promise<Void>> hang() {
    List<Promise<Void>> pending = new ArrayList<>();
    wire =
        () -> {
          Promise<Void> promise = Promise.promise();
          pending.add(promise);
          return promise.future();
        };
    return pending;
  }

  /** All frames that were told since the last time. */
  List<Frame> take() {
    turn();
    List<Frame> frames = told.stream().flatMap(batch -> batch.frames().stream()).toList();
    told.clear();
    return frames;
  }
}
