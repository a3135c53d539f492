package io.muster.bench.upstream;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * Sends the deltas of all paced streams: a wheel with one slot a millisecond, turned by one timer,
 * because a timer a stream would cost the upstream more than the writes do. A stream keeps the slot
 * of its start, so streams that start at different times are never sent in one burst.
 */
final class Pacer {
  private final Vertx vertx;
  private final List<List<Stream>> slots = new ArrayList<>();
  private long timer = -1;
  private long turned;
  private int open;

  Pacer(Vertx vertx) {
    this.vertx = vertx;
    for (int i = 0; i < ChatAnswers.PACE_MS; i++) {
      slots.add(new ArrayList<>());
    }
  }

  /** Sends the first delta now and the others at the pace, then the end. */
  void add(NetSocket socket, boolean withUsage) {
    Stream stream = new Stream(socket, withUsage);
    stream.sendNext();
    if (open++ == 0) {
      turned = nowMs();
      timer = vertx.setPeriodic(1, id -> turn());
    }
    slots.get((int) (turned % slots.size())).add(stream); // due again one whole turn later
  }

  private void turn() {
    long now = nowMs();
    while (turned < now) {
      turned++;
      Iterator<Stream> due = slots.get((int) (turned % slots.size())).iterator();
      while (due.hasNext()) {
        if (!due.next().sendNext()) {
          due.remove();
          open--;
        }
      }
    }
    if (open == 0) {
      vertx.cancelTimer(timer);
    }
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  private static final class Stream {
    private final NetSocket socket;
    private final boolean withUsage;
    private int next;
    private boolean gone;

    Stream(NetSocket socket, boolean withUsage) {
      this.socket = socket;
      this.withUsage = withUsage;
      socket.closeHandler(closed -> gone = true);
    }

    /** Whether there is more to send. */
    boolean sendNext() {
      if (gone) {
        return false;
      }
      int index = next++;
      long now = System.nanoTime();
      boolean last = next == ChatAnswers.PACED_DELTAS;
      Future<Void> sent =
          socket.write(
              index == 0
                  ? ChatAnswers.pacedStart(now)
                  : last
                      ? ChatAnswers.pacedEnd(now, withUsage)
                      : ChatAnswers.pacedNext(index, now));
      gone = sent.failed();
      return !last;
    }
  }
}
