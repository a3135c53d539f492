package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.vertx.core.Vertx;

/** One answer of the demo model on its way: at once, or token by token at a pace. */
final class DemoCall implements ProviderCall {
  private static final long NO_TIMER = -1;

  private final Vertx vertx;
  private final int tokenDelayMs;
  private final boolean stream;
  private final Answer answer;
  private final StreamAnswer events;

  private DemoProvider.DemoText text;
  private ChunkWriter writer;
  private int sent;
  private long timer = NO_TIMER;
  private boolean paused;
  private boolean waiting;
  private boolean over;

  DemoCall(Vertx vertx, int tokenDelayMs, boolean stream, Answer answer) {
    this.vertx = vertx;
    this.tokenDelayMs = tokenDelayMs;
    this.stream = stream;
    this.answer = answer;
    this.events = new StreamAnswer(vertx, answer);
  }

  /** Begins to answer. */
  void start(DemoProvider.DemoText what) {
    text = what;
    writer = new ChunkWriter(events, text.id(), text.created(), DemoProvider.MODEL);
    after(stream ? tokenDelayMs : (long) tokenDelayMs * text.tokens().size());
  }

  void fail(Fault fault) {
    if (!over) {
      over = true;
      answer.failed(fault);
    }
  }

  @Override
  public void cancel() {
    over = true;
    events.cancelled();
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
    }
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    if (waiting) {
      waiting = false;
      vertx.runOnContext(v -> next());
    }
  }

  /** In pieces, as real models send them: id and name first, then the arguments bit by bit. */
  private void callTools() {
    int index = 0;
    for (DemoToolUse.Call call : text.calls()) {
      writer.toolCall(index, text.callId(index), call.name(), "");
      for (String piece : DemoTokens.split(call.arguments())) {
        writer.toolArguments(index, piece);
      }
      index++;
    }
  }

  private void after(long ms) {
    if (ms == 0) {
      next();
    } else if (!over) {
      timer =
          vertx.setTimer(
              ms,
              id -> {
                timer = NO_TIMER;
                next();
              });
    }
  }

  private void next() {
    if (over) {
      return;
    }
    if (paused && stream) {
      waiting = true;
      return;
    }
    if (!stream) {
      over = true;
      answer.done(text.finishReason(), text.usage(), text.completion());
      return;
    }
    int tokens = text.tokens().size();
    int until = tokenDelayMs == 0 ? tokens : Math.min(tokens, sent + 1);
    writer.role();
    while (sent < until) {
      writer.text(text.tokens().get(sent++));
    }
    if (sent == tokens) {
      over = true;
      callTools();
      writer.finish(text.finishReason());
      events.done(text.finishReason(), text.usage());
    } else {
      after(tokenDelayMs);
    }
  }
}
