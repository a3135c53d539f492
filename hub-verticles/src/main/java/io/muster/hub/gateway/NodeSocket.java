package io.muster.hub.gateway;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wire of one connection: whole messages in, frames out, both ways with an end to what is held.
 * It is not read while the node does not take what it is sent, or while somebody who works on what
 * came asks for that. Used on the hub's event loop.
 */
final class NodeSocket {
  private static final Logger log = LoggerFactory.getLogger(NodeSocket.class);
  private static final int WRITE_QUEUE_BYTES = 256 << 10;
  private static final long CLOSE_MS = 2_000;
  private static final long MS = 1_000_000;

  private final Vertx vertx;
  private final ServerWebSocket socket;
  private final Channel channel;
  private final GatewayOptions options;
  private final LongSupplier nanoTime;
  private final Listener listener;
  private final FrameAssembly assembly;
  private final Queue<Runnable> whenDrained = new ArrayDeque<>();
  private long heardAt;
  private long pingedAt;
  private long takenAt;
  private long queued;
  private int holds;
  private boolean stalled;
  private boolean closing;
  private boolean gone;

  /** Hears what comes. */
  interface Listener {
    void text(byte[] utf8);

    void binary(Buffer message);

    /** A message was bigger than it may be; it was dropped. */
    void tooBig();

    /** The connection has gone; called once. */
    void gone();
  }

  /**
   * @param channel what the socket is on, past Vert.x
   */
  NodeSocket(
      Vertx vertx,
      ServerWebSocket socket,
      Channel channel,
      GatewayOptions options,
      LongSupplier nanoTime,
      Listener listener) {
    this.vertx = vertx;
    this.socket = socket;
    this.channel = channel;
    this.options = options;
    this.nanoTime = nanoTime;
    this.listener = listener;
    this.assembly = new FrameAssembly(options.maxFrameBytes());
    this.heardAt = nanoTime.getAsLong();
    this.pingedAt = heardAt;
    this.takenAt = heardAt;
    socket.setWriteQueueMaxSize(WRITE_QUEUE_BYTES);
    socket.frameHandler(this::frame);
    socket.pongHandler(pong -> heardAt = nanoTime.getAsLong());
    socket.drainHandler(v -> drained());
    socket.exceptionHandler(e -> log.debug("a node's connection failed: {}", e.toString()));
    socket.closeHandler(v -> closed());
  }

  /** False when the connection is gone, or was cut off for taking too little. */
  boolean send(String type, JsonObject data) {
    String text = Frames.write(type, data);
    return isOpen() && written(socket.writeTextMessage(text), text.length());
  }

  /** Likewise. */
  boolean send(Buffer message) {
    return isOpen() && written(socket.writeBinaryMessage(message), message.length());
  }

  /** Whether it can be written to: neither gone nor being closed. */
  boolean isOpen() {
    return !gone && !closing && !socket.isClosed();
  }

  private boolean written(Future<Void> writing, int bytes) {
    if (queued == 0) {
      takenAt = nanoTime.getAsLong();
    }
    queued += bytes;
    writing.onComplete(
        done -> {
          queued -= bytes;
          takenAt = nanoTime.getAsLong();
        });
    if (queued > options.sendBufferBytes()) {
      log.warn("a node at {} takes too little and is cut off", socket.remoteAddress());
      kill();
      return false;
    }
    if (isFull() && !stalled) {
      stalled = true;
      hold();
    }
    return true;
  }

  boolean isFull() {
    return gone || socket.isClosed() || socket.writeQueueFull();
  }

  /** Is run once, when the connection can take more; at once when it can now. */
  void whenDrained(Runnable action) {
    if (gone) {
      return;
    }
    if (isFull()) {
      whenDrained.add(action);
    } else {
      action.run();
    }
  }

  /** Stops reading until {@link #release} was called as often. */
  void hold() {
    if (holds++ == 0 && !gone) {
      socket.pause();
    }
  }

  void release() {
    if (--holds == 0 && !gone) {
      heardAt = nanoTime.getAsLong();
      socket.resume();
    }
  }

  /** Says goodbye, and ends the connection soon in any case. */
  void close(CloseCode code, String reason) {
    if (!isOpen()) {
      return;
    }
    closing = true;
    socket.close(code.number(), shortened(reason));
    vertx.setTimer(CLOSE_MS, id -> kill());
  }

  /** Pings, and ends what has been silent or has taken nothing for too long. */
  void sweep() {
    long now = nanoTime.getAsLong();
    if (queued > 0 && now - takenAt > options.idleTimeoutMs() * MS) {
      kill();
    } else if (holds == 0 && now - heardAt > options.idleTimeoutMs() * MS) {
      close(CloseCode.POLICY, "nothing was heard for " + options.idleTimeoutMs() + " ms");
    } else if (isOpen() && now - pingedAt > options.pingIntervalMs() * MS) {
      pingedAt = now;
      var unused = socket.writePing(Buffer.buffer());
    }
  }

  /** Ends the connection at once, past what waits to be written. */
  void kill() {
    if (!gone) {
      closing = true;
      channel.unsafe().close(channel.newPromise());
    }
  }

  private void frame(WebSocketFrame frame) {
    heardAt = nanoTime.getAsLong();
    if (closing || frame.isClose() || frame.isPing()) {
      return;
    }
    if (!frame.isText() && !frame.isBinary() && !frame.isContinuation()) {
      return;
    }
    FrameAssembly.Message message = assembly.add(frame);
    if (message == null) {
      return;
    }
    if (message.bytes() == null) {
      listener.tooBig();
    } else if (message.text()) {
      listener.text(message.bytes().getBytes());
    } else {
      listener.binary(message.bytes());
    }
  }

  private void drained() {
    if (stalled) {
      stalled = false;
      release();
    }
    while (!whenDrained.isEmpty() && !isFull()) {
      whenDrained.poll().run();
    }
  }

  private void closed() {
    if (!gone) {
      gone = true;
      whenDrained.clear();
      listener.gone();
    }
  }

  /** A close frame has room for 123 bytes. */
  private static String shortened(String reason) {
    return reason.length() <= 120 ? reason : reason.substring(0, 120);
  }
}
