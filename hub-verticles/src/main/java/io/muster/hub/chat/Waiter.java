package io.muster.hub.chat;

import io.vertx.core.Promise;

/** A turn that waits to begin. It is answered once: with its turn, a failure or its time-out. */
final class Waiter {
  private static final int FIRST_PAUSE_MS = 10;
  private static final int LONGEST_PAUSE_MS = 100;

  final String systemPrompt;
  final String message;
  final int contextTokens;
  private final Promise<OpenTurn> promise;
  private int pauseMs = FIRST_PAUSE_MS;
  private long timer = -1;

  Waiter(String systemPrompt, String message, int contextTokens, Promise<OpenTurn> promise) {
    this.systemPrompt = systemPrompt;
    this.message = message;
    this.contextTokens = contextTokens;
    this.promise = promise;
  }

  void timer(long id) {
    timer = id;
  }

  long timer() {
    return timer;
  }

  /** Whether whoever asked has been answered, so that nothing more is to be done for them. */
  boolean gone() {
    return promise.future().isComplete();
  }

  void begin(OpenTurn turn) {
    promise.tryComplete(turn);
  }

  void fail(Throwable cause) {
    promise.tryFail(cause);
  }

  /** Milliseconds until the next try for a session that another hub has; longer each time. */
  int nextPauseMs() {
    int pause = pauseMs;
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    return pause;
  }
}
