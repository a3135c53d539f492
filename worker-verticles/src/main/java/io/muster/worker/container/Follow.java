package io.muster.worker.container;

import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerAnswer.Told;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What one follower of a container is still to be told. The engine's thread waits where too much of
 * it piles up, so that nothing is lost however slow the follower is; of a fetch's progress, which
 * nobody waits for, some is left out.
 */
final class Follow implements Engine.LineSink {
  private static final int MOST_BYTES = 256 << 10;

  /** A container's last line comes before it is known how it ended. */
  private static final long LAST_WORD_MS = 500;

  private final Vertx vertx;
  private final Context context;
  private final Deque<Told> queue = new ArrayDeque<>();
  private int bytes;
  private int leftOut;
  private boolean ended;
  private boolean closed;
  private Promise<Piece> waiting;
  private int wantedBytes;
  private long timer = -1;
  private long readAt;

  Follow(Vertx vertx, long now) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.readAt = now;
  }

  /** When it was last read. */
  long readAt() {
    return readAt;
  }

  @Override
  public void line(String stream, String text) {
    Told told = new Told("log", new JsonObject().put("stream", stream).put("text", text).encode());
    synchronized (queue) {
      while (bytes > MOST_BYTES && !closed) {
        try {
          queue.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
      put(told);
    }
    wake();
  }

  @Override
  public void ended(String problem) {
    context.runOnContext(
        v -> {
          if (problem != null) {
            offer(new Told("lost", new JsonObject().put("reason", problem).encode()));
          }
          vertx.setTimer(LAST_WORD_MS, id -> end());
        });
  }

  /** Takes what nothing waits for; too much of a fetch's progress is left out, and told of. */
  void offer(Told told) {
    synchronized (queue) {
      if (bytes > MOST_BYTES && told.kind().equals("pull")) {
        leftOut++;
        return;
      }
      if (leftOut > 0) {
        put(new Told("lost", new JsonObject().put("count", leftOut).encode()));
        leftOut = 0;
      }
      put(told);
    }
    wake();
  }

  private void put(Told told) {
    if (!closed) {
      queue.add(told);
      bytes += size(told);
    }
  }

  /** Nothing comes any more. */
  void end() {
    synchronized (queue) {
      ended = true;
    }
    wake();
  }

  /** Nobody reads any more. */
  void close() {
    synchronized (queue) {
      closed = true;
      ended = true;
      queue.clear();
      bytes = 0;
      queue.notifyAll();
    }
    answer();
  }

  /**
   * What there is, or will be within the time. Called on the event loop, once at a time.
   *
   * @param maxBytes about so much
   */
  Future<Piece> read(int maxBytes, int waitMs, long now) {
    readAt = now;
    if (waiting != null) {
      // Who asked before has gone away.
      waiting.tryComplete(new Piece(List.of(), false));
    }
    Promise<Piece> answer = Promise.promise();
    waiting = answer;
    wantedBytes = maxBytes;
    vertx.cancelTimer(timer);
    if (hasNews() || waitMs <= 0) {
      answer();
    } else {
      timer = vertx.setTimer(waitMs, id -> answer());
    }
    return answer.future();
  }

  private boolean hasNews() {
    synchronized (queue) {
      return ended || !queue.isEmpty();
    }
  }

  private void wake() {
    context.runOnContext(
        v -> {
          if (waiting != null && hasNews()) {
            answer();
          }
        });
  }

  private void answer() {
    Promise<Piece> answer = waiting;
    if (answer == null) {
      return;
    }
    waiting = null;
    vertx.cancelTimer(timer);
    List<Told> piece = new ArrayList<>();
    boolean over;
    synchronized (queue) {
      int taken = 0;
      while (!queue.isEmpty() && taken < wantedBytes) {
        Told told = queue.poll();
        piece.add(told);
        taken += size(told);
      }
      bytes -= Math.min(bytes, taken);
      over = ended && queue.isEmpty();
      queue.notifyAll();
    }
    answer.complete(new Piece(piece, over));
  }

  private static int size(Told told) {
    return told.json().length() + 64;
  }
}
