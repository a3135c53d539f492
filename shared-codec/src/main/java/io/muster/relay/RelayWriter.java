package io.muster.relay;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Messages on their way into a socket, in order. What one turn of the event loop brings leaves in
 * one frame; what the socket does not take waits, up to so many bytes.
 */
final class RelayWriter {
  private final Socket socket;
  private final int frameBytes;
  private final int queueBytes;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private long queued;
  private boolean scheduled;
  private boolean blocked;
  private boolean closed;

  private static final class Waiting {
    private final Buffer bytes;
    private final Promise<Void> written = Promise.promise();
    private int at;

    private Waiting(Buffer bytes) {
      this.bytes = bytes;
    }

    int left() {
      return bytes.length() - at;
    }
  }

  /**
   * @param queueBytes how much may wait; a message that finds nothing waiting is taken whatever its
   *     size
   */
  RelayWriter(Socket socket, int frameBytes, int queueBytes) {
    this.socket = socket;
    this.frameBytes = frameBytes;
    this.queueBytes = queueBytes;
  }

  /** Whether so many bytes more would be too many. */
  boolean isFullFor(int bytes) {
    return queued > 0 && queued + bytes > queueBytes;
  }

  /**
   * Takes a message.
   *
   * @return when its last byte was handed to the socket
   */
  Future<Void> add(Buffer message) {
    if (closed) {
      return Future.failedFuture("the connection is gone");
    }
    Waiting entry = new Waiting(message);
    waiting.add(entry);
    queued += message.length();
    if (!scheduled && !blocked) {
      scheduled = true;
      socket.soon(this::flush);
    }
    return entry.written.future();
  }

  /** Bytes that wait. */
  long queued() {
    return queued;
  }

  /** Nothing is written any more. */
  void close() {
    closed = true;
    Deque<Waiting> lost = new ArrayDeque<>(waiting);
    waiting.clear();
    queued = 0;
    lost.forEach(entry -> entry.written.fail("the connection broke"));
  }

  private void flush() {
    scheduled = false;
    blocked = false;
    while (!waiting.isEmpty() && !closed) {
      if (socket.isFull()) {
        blocked = true;
        socket.whenDrained(this::flush);
        return;
      }
      writeFrame();
    }
  }

  private void writeFrame() {
    Buffer frame = Buffer.buffer();
    Deque<Waiting> done = new ArrayDeque<>();
    while (!waiting.isEmpty() && frame.length() < frameBytes) {
      Waiting first = waiting.peek();
      int bytes = Math.min(first.left(), frameBytes - frame.length());
      frame.appendBuffer(first.bytes, first.at, bytes);
      first.at += bytes;
      if (first.left() == 0) {
        done.add(waiting.poll());
      }
    }
    queued -= frame.length();
    socket.write(frame);
    done.forEach(entry -> entry.written.complete());
  }
}
