package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.muster.job.Usage;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;

/**
 * Tells a stream's events on: those of one turn of the event loop together, as one block; and its
 * end once.
 */
final class StreamAnswer {
  private final Vertx vertx;
  private final Answer answer;
  private final EventBlock block = new EventBlock();
  private final Handler<Void> flush = v -> flush();
  private boolean flushing;
  private boolean over;

  StreamAnswer(Vertx vertx, Answer answer) {
    this.vertx = vertx;
    this.answer = answer;
  }

  /** One whole frame {@code data: …\n\n} within the array; see {@link EventBlock#addFrame}. */
  void frame(byte[] bytes, int from, int to) {
    block.addFrame(bytes, from, to);
    flushLater();
  }

  /** One event by its data, which is JSON. */
  void data(byte[] bytes, int from, int to) {
    block.addData(bytes, from, to);
    flushLater();
  }

  /** Whether its end was told, or nobody listens any more. */
  boolean isOver() {
    return over;
  }

  void done(String finishReason, Usage usage) {
    if (!over) {
      flush();
      // Whoever hears of events may cancel.
      if (!over) {
        over = true;
        answer.done(finishReason, usage, null);
      }
    }
  }

  void failed(Fault fault) {
    if (!over) {
      flush();
      if (!over) {
        over = true;
        answer.failed(fault);
      }
    }
  }

  void cancelled() {
    over = true;
  }

  private void flushLater() {
    if (!flushing) {
      flushing = true;
      vertx.runOnContext(flush);
    }
  }

  private void flush() {
    flushing = false;
    if (!over && block.count() > 0) {
      int count = block.count();
      answer.events(block.take(), count);
    }
  }
}
