package io.muster.relay;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/** A socket whose event loop is turned by hand. */
final class FakeSocket implements Socket {
  final List<Buffer> frames = new ArrayList<>();
  boolean full;
  private final Deque<Runnable> next = new ArrayDeque<>();
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>((a, b) -> Long.compare(a.at, b.at));
  private Runnable drained;
  private long now;

  private record Timer(long at, Runnable action) {}

  @Override
  public void write(Buffer frame) {
    frames.add(frame);
  }

  @Override
  public boolean isFull() {
    return full;
  }

  @Override
  public void whenDrained(Runnable action) {
    drained = action;
  }

  @Override
  public void soon(Runnable action) {
    next.add(action);
  }

  @Override
  public Runnable later(long ms, Runnable action) {
    Timer timer = new Timer(now + ms, action);
    timers.add(timer);
    return () -> timers.remove(timer);
  }

  /** Runs what waits for the event loop. */
  void turn() {
    while (!next.isEmpty()) {
      next.poll().run();
    }
  }

  void drain() {
    full = false;
    Runnable action = drained;
    drained = null;
    if (action != null) {
      action.run();
    }
  }

  void pass(long ms) {
    now += ms;
    while (!timers.isEmpty() && timers.peek().at <= now) {
      timers.poll().action.run();
    }
  }

  int openTimers() {
    return timers.size();
  }

  /** All that was written, as one. */
  Buffer written() {
    Buffer all = Buffer.buffer();
    frames.forEach(all::appendBuffer);
    return all;
  }
}
