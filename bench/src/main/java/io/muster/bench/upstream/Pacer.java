package io.muster.bench.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
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

  /** Sends the first delta now and the others at the pace, then ends the response. */
  void add(HttpServerResponse response, boolean withUsage) {
    Stream stream = new Stream(response, withUsage);
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
    private final HttpServerResponse response;
    private final boolean withUsage;
    private int next;

    Stream(HttpServerResponse response, boolean withUsage) {
      this.response = response;
      this.withUsage = withUsage;
    }

    /** Whether there is more to send. */
    boolean sendNext() {
      if (response.closed()) {
        return false;
      }
      var delta = ChatAnswers.pacedDelta(next, System.nanoTime());
      next++;
      if (next < ChatAnswers.PACED_DELTAS) {
        response.write(delta);
        return true;
      }
      response.end(
          delta.appendBuffer(
              ChatAnswers.end(ChatAnswers.PACED_MODEL, ChatAnswers.PACED_DELTAS, withUsage)));
      return false;
    }
  }
}
