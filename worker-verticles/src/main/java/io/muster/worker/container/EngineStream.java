package io.muster.worker.container;

import com.github.dockerjava.api.async.ResultCallback;
import java.io.Closeable;
import java.io.IOException;

/**
 * What the engine tells bit by bit, on a thread of the library's. Not the library's own callback:
 * that one forgets that it was closed before the engine answered, and goes on for ever then; and it
 * logs every end that is not the usual one with its trace.
 */
abstract class EngineStream<T> implements ResultCallback<T> {
  private Closeable stream;
  private boolean closed;
  private boolean over;

  @Override
  public final void onStart(Closeable begun) {
    synchronized (this) {
      if (!closed) {
        stream = begun;
        return;
      }
    }
    shut(begun);
  }

  @Override
  public final void onError(Throwable cause) {
    end(cause);
    close();
  }

  @Override
  public final void onComplete() {
    end(null);
  }

  /** Ends it; may wait for the engine. */
  @Override
  public final void close() {
    Closeable open;
    synchronized (this) {
      closed = true;
      open = stream;
      stream = null;
    }
    if (open != null) {
      shut(open);
    }
  }

  private static void shut(Closeable open) {
    try {
      open.close();
    } catch (IOException | RuntimeException e) {
      // It is over either way.
    }
  }

  private void end(Throwable cause) {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    ended(cause);
  }

  /**
   * It is over; told once.
   *
   * @param cause null where it ended as it should
   */
  abstract void ended(Throwable cause);
}
