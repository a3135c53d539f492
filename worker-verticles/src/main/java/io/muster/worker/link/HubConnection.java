package io.muster.worker.link;

import io.muster.identity.FleetKey;
import io.muster.node.NodeInfo;
import io.muster.relay.RelayException;
import io.muster.relay.Socket;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * One connection to the hub, from its opening to its end: logs in, passes frames on, and notices
 * when the hub has fallen silent. Used on the worker's event loop.
 */
final class HubConnection implements Socket {
  private static final Logger log = LoggerFactory.getLogger(HubConnection.class);
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final long MS = 1_000_000;

  /** The hub's code for a connection in whose place there is another of the same node. */
  private static final int TAKEN_OVER = 4001;

  private final Vertx vertx;
  private final SocketOptions options;
  private final Login login;
  private final Supplier<NodeInfo> self;
  private final Listener listener;
  private WebSocket socket;
  private Login.Challenge challenge;
  private boolean joined;
  private boolean over;
  private long heardAt;
  private long lookedAt;
  private long timer = -1;

  /** Hears what becomes of it: at most one of the last three, and nothing after that. */
  interface Listener {
    /**
     * The hub has taken this node.
     *
     * @param fleet what its commands are signed with, null when it does not say
     */
    void joined(HubConnection connection, Login.Challenge by, FleetKey fleet);

    void received(Buffer frame);

    /** It could not be made, or it broke. */
    void closed(String why);

    /** Another connection of the same node took its place. */
    void takenOver();

    /** The hub does not take this node, now or later. */
    void refused(String reason);
  }

  HubConnection(
      Vertx vertx, SocketOptions options, Login login, Supplier<NodeInfo> self, Listener listener) {
    this.vertx = vertx;
    this.options = options;
    this.login = login;
    this.self = self;
    this.listener = listener;
  }

  void open(WebSocketClient client) {
    client.connect(options.connect()).onComplete(this::opened, this::failed);
  }

  /** Ends it; the listener hears nothing more. */
  void close() {
    end();
    if (socket != null) {
      var unused = socket.close();
    }
  }

  private void opened(WebSocket opened) {
    socket = opened;
    if (over) {
      close();
      return;
    }
    heardAt = System.nanoTime();
    lookedAt = heardAt;
    opened.textMessageHandler(this::text);
    opened.binaryMessageHandler(this::binary);
    opened.pongHandler(pong -> heardAt = System.nanoTime());
    opened.exceptionHandler(cause -> broke(cause.toString()));
    opened.closeHandler(v -> closed());
    timer = vertx.setTimer(options.connectMs(), id -> broke("it does not answer"));
  }

  private void failed(Throwable cause) {
    if (cause instanceof UpgradeRejectedException rejected) {
      int status = rejected.getStatus();
      String body = rejected.getBody() == null ? "" : rejected.getBody().toString().strip();
      String what = "HTTP " + status + (body.isEmpty() ? "" : " " + body);
      if (status == UNAUTHORIZED || status == FORBIDDEN) {
        refuse(what);
      } else {
        broke(what + ": is a hub there that takes nodes?");
      }
    } else if (cause instanceof SSLException) {
      broke(rootOf(cause) + " (ROOT_NODE_CA names the CA of the hub's certificate)");
    } else {
      broke(cause.getMessage() == null ? cause.toString() : cause.getMessage());
    }
  }

  private static String rootOf(Throwable cause) {
    Throwable root = cause;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root.getMessage() == null ? root.toString() : root.getMessage();
  }

  private void closed() {
    Short code = socket.closeStatusCode();
    if (code != null && code == TAKEN_OVER) {
      if (end()) {
        listener.takenOver();
      }
    } else {
      broke(closeReason());
    }
  }

  private String closeReason() {
    String reason = socket.closeReason();
    return "the connection was closed" + (reason == null || reason.isEmpty() ? "" : ": " + reason);
  }

  private void text(String frame) {
    heardAt = System.nanoTime();
    Login.Heard heard = Login.read(frame);
    if (over) {
      return;
    }
    if (heard instanceof Login.Challenge asked && !joined) {
      challenge = asked;
      var unused = socket.writeTextMessage(login.answer(challenge, self.get()).encode());
    } else if (heard instanceof Login.Registered taken && challenge != null && !joined) {
      begin(taken.fleet());
    } else if (heard instanceof Login.Refusal refusal) {
      if (refusal.forNow()) {
        broke(refusal.reason());
      } else {
        refuse(refusal.reason());
      }
    } else if (heard instanceof Login.Other other) {
      log.atLevel(other.type().equals("error") ? Level.WARN : Level.DEBUG)
          .log("the hub says {}: {}", other.type(), other.text());
    }
  }

  private void begin(FleetKey fleet) {
    joined = true;
    vertx.cancelTimer(timer);
    timer = vertx.setPeriodic(options.pingMs(), id -> look());
    listener.joined(this, challenge, fleet);
  }

  private void binary(Buffer frame) {
    heardAt = System.nanoTime();
    if (!joined || over) {
      return;
    }
    try {
      listener.received(frame);
    } catch (RelayException e) {
      broke(e.getMessage());
    }
  }

  private void look() {
    long now = System.nanoTime();
    long stall = now - lookedAt - 2 * options.pingMs() * MS;
    lookedAt = now;
    if (stall > 0) {
      // This process stood still: what the hub said meanwhile is still to be read.
      heardAt = Math.min(now, heardAt + stall + 2 * options.pingMs() * MS);
    }
    long silentMs = (now - heardAt) / MS;
    if (silentMs > options.silenceMs()) {
      broke("nothing was heard for " + silentMs / 1000 + " s");
    } else {
      var unused = socket.writePing(Buffer.buffer());
    }
  }

  private void refuse(String reason) {
    if (end()) {
      closeSocket();
      listener.refused(reason);
    }
  }

  private void broke(String why) {
    if (end()) {
      closeSocket();
      listener.closed(why);
    }
  }

  private void closeSocket() {
    if (socket != null && !socket.isClosed()) {
      var unused = socket.close();
    }
  }

  private boolean end() {
    boolean first = !over;
    over = true;
    vertx.cancelTimer(timer);
    return first;
  }

  @Override
  public void write(Buffer frame) {
    if (!over && !socket.isClosed()) {
      var unused = socket.writeBinaryMessage(frame);
    }
  }

  @Override
  public boolean isFull() {
    // Vert.x throws where the socket has closed and nobody was told yet.
    return !over && !socket.isClosed() && socket.writeQueueFull();
  }

  @Override
  public void whenDrained(Runnable action) {
    socket.drainHandler(
        v -> {
          // The other side took something: it lives, though its own word may be behind ours.
          heardAt = System.nanoTime();
          action.run();
        });
  }

  @Override
  public void soon(Runnable action) {
    vertx.runOnContext(v -> action.run());
  }

  @Override
  public Runnable later(long ms, Runnable action) {
    long id = vertx.setTimer(Math.max(1, ms), fired -> action.run());
    return () -> vertx.cancelTimer(id);
  }
}
