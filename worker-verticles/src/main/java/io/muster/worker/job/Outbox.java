package io.muster.worker.job;

import io.muster.bus.Addresses;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Frames on their way to one hub, in order. What one turn of the event loop brings leaves as one
 * message; nothing waits on a timer for more. A batch leaves when the one before it has been
 * written, which is nearly always at once; one that could not be written is written again for a
 * while, since a connection may break between two that live. So a hub may get a piece twice, and
 * knows it by its number.
 */
final class Outbox {
  private static final long MS = 1_000_000;
  private static final long RETRY_MS = 100;

  /** A hub that nothing could be handed to for so long is gone. */
  private static final long GONE_NANOS = 3_000 * MS;

  /** A write that neither succeeded nor failed by then is not heard of again ({@code Bus.tell}). */
  private static final long STUCK_NANOS = 5_000 * MS;

  /** What an outbox needs of the world. */
  interface Outside {
    /** See {@link io.muster.bus.Bus#tell}. */
    Future<Void> tell(String address, FrameBatch batch);

    /** Runs something on the same event loop, after what is scheduled already. */
    void soon(Runnable action);

    void later(long ms, Runnable action);
  }

  private final String nodeId;
  private final String address;
  private final Outside outside;
  private final LongSupplier nanoTime;
  private final Consumer<Throwable> gone;
  private List<Frame> frames = new ArrayList<>();
  private FrameBatch underWay;
  private boolean scheduled;
  private boolean closed;
  private int writes;
  private long writtenAt;
  private boolean retrying;
  private long failingSince;
  private boolean failing;

  /**
   * @param gone is told, once, when nothing could be handed to the hub for a while
   */
  Outbox(
      String nodeId,
      String hubId,
      Outside outside,
      LongSupplier nanoTime,
      Consumer<Throwable> gone) {
    this.nodeId = nodeId;
    this.address = Addresses.frames(hubId);
    this.outside = outside;
    this.nanoTime = nanoTime;
    this.gone = gone;
  }

  void add(Frame frame) {
    if (!closed) {
      frames.add(frame);
      schedule();
    }
  }

  /** Whether everything has been handed over. */
  boolean isEmpty() {
    return closed || (underWay == null && frames.isEmpty());
  }

  /** Looks after a write that takes too long; called now and then. */
  void check(long now) {
    if (!closed && underWay != null && !retrying && now - writtenAt > STUCK_NANOS) {
      write();
    }
  }

  /** Nothing more is written, and nobody is told. */
  void close() {
    closed = true;
  }

  private void schedule() {
    if (!scheduled) {
      scheduled = true;
      outside.soon(this::flush);
    }
  }

  private void flush() {
    scheduled = false;
    if (underWay == null && !frames.isEmpty() && !closed) {
      underWay = new FrameBatch(nodeId, frames);
      frames = new ArrayList<>();
      write();
    }
  }

  private void write() {
    int write = ++writes;
    writtenAt = nanoTime.getAsLong();
    outside.tell(address, underWay).onComplete(done -> written(write, done));
  }

  private void written(int write, AsyncResult<Void> done) {
    if (write != writes || closed) {
      return;
    }
    if (done.succeeded()) {
      failing = false;
      underWay = null;
      if (!frames.isEmpty()) {
        schedule();
      }
    } else {
      failed(done.cause());
    }
  }

  private void failed(Throwable cause) {
    long now = nanoTime.getAsLong();
    if (!failing) {
      failing = true;
      failingSince = now;
    }
    if (now - failingSince > GONE_NANOS) {
      closed = true;
      gone.accept(cause);
      return;
    }
    retrying = true;
    outside.later(
        RETRY_MS,
        () -> {
          retrying = false;
          if (!closed) {
            write();
          }
        });
  }
}
