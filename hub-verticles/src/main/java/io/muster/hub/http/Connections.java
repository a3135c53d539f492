package io.muster.hub.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one server, so that none is held open for nothing. A stream whose model thinks
 * is no such thing, hence no idle time-out of Vert.x. Used on the hub's event loop.
 */
final class Connections {
  private final Map<HttpConnection, Open> open = new IdentityHashMap<>();
  private final AcceptGate gate;
  private final HttpObserver observer;
  private final long readTimeoutNanos;
  private final long idleTimeoutNanos;
  private boolean guarded;

  Connections(HttpOptions options, HttpObserver observer) {
    this.gate = new AcceptGate(options.maxConnections());
    this.observer = observer;
    this.readTimeoutNanos = options.readTimeoutMs() * 1_000_000;
    this.idleTimeoutNanos = options.idleTimeoutMs() * 1_000_000;
  }

  /** The head of a connection's first request has come. */
  void opened(HttpConnection connection) {
    Channel channel = channel(connection);
    if (!guarded) {
      guarded = true;
      gate.guardServerOf(channel);
    }
    gate.spoke(channel);
    open.put(connection, new Open(channel));
    observer.connected();
    connection.closeHandler(closed -> gone(connection));
    // Of a connection that became a WebSocket, Vert.x does not tell the end here.
    channel.closeFuture().addListener(closed -> gone(connection));
  }

  private void gone(HttpConnection connection) {
    if (open.remove(connection) != null) {
      observer.disconnected();
    }
  }

  /** A request begins on this connection. */
  Open requestOn(HttpConnection connection) {
    Open state = open.get(connection);
    if (state == null) {
      // It closed just now, with the request read already.
      state = new Open(channel(connection));
    }
    state.requests++;
    return state;
  }

  /** How many are open, those included that have not said anything yet. */
  int size() {
    return gate.open();
  }

  /** Closes what has been idle, or on its way, for too long. */
  void sweep() {
    gate.closeSilent(readTimeoutNanos);
    if (idleTimeoutNanos <= 0) {
      return;
    }
    long now = System.nanoTime();
    for (Open connection : List.copyOf(open.values())) {
      if (connection.requests == 0
          && now - connection.idleSince > idleTimeoutNanos
          && !connection.stillTakesItsAnswer(now)) {
        connection.kill();
      }
    }
  }

  private static Channel channel(HttpConnection connection) {
    return ((HttpServerConnection) connection).channelHandlerContext().channel();
  }

  /** One connection. */
  static final class Open {
    private final Channel channel;
    private int requests;
    private long idleSince = System.nanoTime();
    private long progressAtLook;

    private Open(Channel channel) {
      this.channel = channel;
    }

    void requestOver() {
      requests--;
      idleSince = System.nanoTime();
    }

    private boolean stillTakesItsAnswer(long now) {
      long progress = progress();
      if (progress == 0 || progress == progressAtLook) {
        return false;
      }
      progressAtLook = progress;
      idleSince = now;
      return true;
    }

    /** Another number whenever its client has taken some of what was written. */
    long progress() {
      ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
      return buffer == null ? 0 : 31 * buffer.totalPendingWriteBytes() + buffer.currentProgress();
    }

    /**
     * Closes it at once, past Vert.x' handlers: their close waits until all is written, which for a
     * client that does not read is never.
     */
    void kill() {
      channel.unsafe().close(channel.newPromise());
    }
  }
}
