package io.muster.relay;

import io.vertx.core.buffer.Buffer;

/** What a relay needs of a WebSocket, and of the event loop that it lives on. */
public interface Socket {
  /** Sends one binary frame. */
  void write(Buffer frame);

  /** Whether the other side takes too little now. */
  boolean isFull();

  /** Is run, once, when it is not {@link #isFull} any more. */
  void whenDrained(Runnable action);

  /** Runs something on the same event loop, after what is scheduled already. */
  void soon(Runnable action);

  /**
   * Runs something later on the same event loop.
   *
   * @return what calls it off
   */
  Runnable later(long ms, Runnable action);
}
