package io.muster.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** One keep-alive connection with at most one request in flight. Not thread-safe. */
final class LoadConnection {
  private final InetSocketAddress target;
  private final ByteBuffer request;
  private final DeltaCheck check;
  private final AnswerReader reader;
  private SocketChannel channel;
  private SelectionKey key;
  private long sentAt;
  private long firstDeltaAt;
  private boolean inFlight;

  LoadConnection(InetSocketAddress target, byte[] request, DeltaCheck check) {
    this.target = target;
    this.request = ByteBuffer.allocateDirect(request.length).put(request);
    this.check = check;
    this.reader = new AnswerReader(check);
  }

  /** Connects, waiting for it: on loopback that takes no time worth counting. */
  void open(Selector selector) throws IOException {
    channel = SocketChannel.open(target);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ, this);
  }

  boolean isOpen() {
    return channel != null;
  }

  void close() {
    inFlight = false;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException("a close failed", e);
      }
      channel = null;
    }
  }

  void send(long now) throws IOException {
    reader.begin();
    inFlight = true;
    sentAt = now;
    firstDeltaAt = 0;
    request.flip().position(0).limit(request.capacity());
    flush();
  }

  void flush() throws IOException {
    channel.write(request);
    int wanted = request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ;
    if (key.interestOps() != wanted) {
      key.interestOps(wanted);
    }
  }

  /**
   * Reads what is there.
   *
   * @return whether the answer is complete now
   * @throws IOException if the connection ended before the answer, or it was no HTTP answer
   */
  boolean receive(ByteBuffer buffer) throws IOException {
    buffer.clear();
    int count = channel.read(buffer);
    long now = System.nanoTime();
    if (count < 0) {
      if (inFlight && !reader.endOfInput()) {
        throw new IOException("connection closed before the answer's end: " + check.found());
      }
      return inFlight;
    }
    if (!inFlight) {
      throw new IOException("bytes that nobody asked for");
    }
    reader.read(buffer.array(), 0, count, now);
    if (firstDeltaAt == 0 && check.started()) {
      firstDeltaAt = now;
    }
    if (reader.broken()) {
      throw new IOException("not a proper HTTP/1.1 answer");
    }
    return reader.complete();
  }

  void answered() {
    inFlight = false;
  }

  boolean inFlight() {
    return inFlight;
  }

  boolean reusable() {
    return reader.reusable();
  }

  boolean clean() {
    return reader.status() == 200 && check.clean();
  }

  /** What was wrong with a complete answer, for a person. */
  String complaint() {
    return reader.status() == 200 ? check.found() : reader.status() + " " + reader.sample();
  }

  int status() {
    return reader.status();
  }

  long sentAt() {
    return sentAt;
  }

  /** When the first delta arrived (nanoTime), 0 if none has. */
  long firstDeltaAt() {
    return firstDeltaAt;
  }
}
