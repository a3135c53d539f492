package io.muster.worker.provider;

import io.muster.bus.Fault;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;

/** One answer of the demo model on its way: at once, or token by token at a pace. */
final class DemoCall implements ProviderCall {
  private final Vertx vertx;
  private final int tokenDelayMs;
  private final boolean stream;
  private final Answer answer;

  private DemoProvider.DemoText text;
  private int sent;
  private long timer = -1;
  private boolean paused;
  private boolean waiting;
  private boolean over;

  DemoCall(Vertx vertx, int tokenDelayMs, boolean stream, Answer answer) {
    this.vertx = vertx;
    this.tokenDelayMs = tokenDelayMs;
    this.stream = stream;
    this.answer = answer;
  }

  /** Begins to answer. */
  void start(DemoProvider.DemoText what) {
    if (over) {
      return;
    }
    text = what;
    if (!stream) {
      after((long) tokenDelayMs * text.tokens().size(), this::whole);
    } else if (tokenDelayMs == 0) {
      all();
    } else {
      after(tokenDelayMs, this::next);
    }
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
    if (timer != -1) {
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
      vertx.runOnContext(v -> start(text));
    }
  }

  private void whole() {
    over = true;
    byte[] body = text.completion().getBytes(StandardCharsets.UTF_8);
    answer.done(text.finishReason(), text.usage(), body);
  }

  private void all() {
    if (holds()) {
      return;
    }
    String head = text.chunkHead();
    StringBuilder block = new StringBuilder();
    role(block, head);
    for (String token : text.tokens()) {
      token(block, head, token);
    }
    finish(block, head);
    events(block, text.tokens().size() + 2);
    done();
  }

  private void next() {
    if (holds()) {
      return;
    }
    String head = text.chunkHead();
    StringBuilder block = new StringBuilder();
    int count = 1;
    if (sent == 0) {
      role(block, head);
      count++;
    }
    if (sent < text.tokens().size()) {
      token(block, head, text.tokens().get(sent++));
    }
    boolean last = sent >= text.tokens().size();
    if (last) {
      finish(block, head);
      count++;
    }
    events(block, count);
    if (last) {
      done();
    } else {
      after(tokenDelayMs, this::next);
    }
  }

  /** Whether nothing may be sent now; {@link #resume} goes on. */
  private boolean holds() {
    waiting = paused;
    return paused;
  }

  private void events(StringBuilder block, int count) {
    answer.events(block.toString().getBytes(StandardCharsets.UTF_8), count);
  }

  private void done() {
    if (!over) {
      over = true;
      answer.done(text.finishReason(), text.usage(), null);
    }
  }

  private void after(long ms, Runnable step) {
    if (over) {
      return;
    }
    if (ms == 0) {
      step.run();
      return;
    }
    timer =
        vertx.setTimer(
            ms,
            id -> {
              timer = -1;
              if (!over) {
                step.run();
              }
            });
  }

  private static void role(StringBuilder block, String head) {
    block
        .append(head)
        .append("{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n");
  }

  private static void token(StringBuilder block, String head, String token) {
    block
        .append(head)
        .append("{\"content\":\"")
        .append(DemoProvider.DemoText.quoted(token))
        .append("\"},\"finish_reason\":null}]}\n\n");
  }

  private void finish(StringBuilder block, String head) {
    block
        .append(head)
        .append("{},\"finish_reason\":\"")
        .append(text.finishReason())
        .append("\"}]}\n\n");
  }
}
