package io.muster.worker;

import io.muster.bus.Addresses;
import io.muster.identity.KeyProof;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.relay.Inward;
import io.muster.relay.RelayPeer;
import io.muster.relay.Socket;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The hub's end of the socket, as a worker sees it; says what a test wants it to say. */
final class FakeHub implements AutoCloseable {
  static final String ID = "hub-fake";

  final List<NodeMessage> heard = new CopyOnWriteArrayList<>();
  final List<Frame> frames = new CopyOnWriteArrayList<>();
  final List<JsonObject> logins = new CopyOnWriteArrayList<>();
  volatile String refusal;
  volatile boolean refusedForNow;
  volatile boolean mute;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private HttpServer server;
  private ServerWebSocket socket;
  private RelayPeer peer;

  /** Listens: at a free port, or again where it has listened before. */
  FakeHub listen(HttpServerOptions options) throws Exception {
    int port = server == null ? 0 : server.actualPort();
    server =
        vertx
            .createHttpServer(options.setHost("127.0.0.1").setPort(port))
            .webSocketHandshakeHandler(
                handshake -> {
                  var unused =
                      handshake.path().equals("/api/nodes/socket")
                          ? handshake.accept()
                          : handshake.reject(404);
                })
            .webSocketHandler(this::greet)
            .listen()
            .await(10, TimeUnit.SECONDS);
    return this;
  }

  int port() {
    return server.actualPort();
  }

  /** Stops listening, and ends the connection. */
  void stop() throws Exception {
    server.close().await(10, TimeUnit.SECONDS);
  }

  /** Sends something to the worker's own address. */
  void tell(String nodeId, Record message) {
    vertx.runOnContext(v -> peer.tell(Addresses.node(nodeId), message));
  }

  /** Closes the connection as if it had broken. */
  void cut() {
    vertx.runOnContext(v -> socket.close());
  }

  long deltas() {
    return frames.stream().filter(Frame.Delta.class::isInstance).count();
  }

  private void greet(ServerWebSocket opened) {
    if (mute) {
      return;
    }
    JsonObject challenge = new JsonObject().put("nonce", "nonce-1");
    say(opened, "connection_ack", new JsonObject().put("hubId", ID).put("challenge", challenge));
    opened.textMessageHandler(text -> login(opened, new JsonObject(text).getJsonObject("data")));
  }

  private void login(ServerWebSocket opened, JsonObject data) {
    JsonObject auth = data.getJsonObject("auth");
    new KeyProof(
            auth.getString("publicKey"), auth.getString("algorithm"), auth.getString("signature"))
        .verify("nonce-1", data.getString("nodeId"));
    logins.add(data);
    JsonObject answer = new JsonObject().put("nodeId", data.getString("nodeId"));
    answer.put("success", refusal == null).put("message", refusal);
    if (refusedForNow) {
      answer.put("retryAfterMs", 100);
    }
    if (refusal == null) {
      socket = opened;
      peer =
          new RelayPeer(
              new OnSocket(opened), new Ears(), new RelayPeer.Limits(8_000, 1 << 20, 1 << 20, 8));
      opened.binaryMessageHandler(peer::receive);
    }
    say(opened, "node_registered", answer);
  }

  private static void say(ServerWebSocket to, String type, JsonObject data) {
    var unused = to.writeTextMessage(new JsonObject().put("type", type).put("data", data).encode());
  }

  @Override
  public void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private final class Ears implements Inward {
    @Override
    public void tell(String address, Record message) {
      if (address.equals(Addresses.frames(ID)) && message instanceof FrameBatch batch) {
        frames.addAll(batch.frames());
      }
    }

    @Override
    public void publish(String address, Record message) {
      heard.add((NodeMessage) message);
      if (message instanceof NodeMessage.Register register) {
        peer.publish(
            Addresses.NODES, new HubMessage.Welcome(ID, register.nodeId(), register.instance()));
      }
    }

    @Override
    public Future<Record> ask(String address, Record question, Duration timeout) {
      return Future.failedFuture("nobody is there");
    }

    @Override
    public void unreadable(String why) {
      throw new AssertionError(why);
    }
  }

  private final class OnSocket implements Socket {
    private final ServerWebSocket open;

    OnSocket(ServerWebSocket open) {
      this.open = open;
    }

    @Override
    public void write(Buffer frame) {
      var unused = open.writeBinaryMessage(frame);
    }

    @Override
    public boolean isFull() {
      return open.writeQueueFull();
    }

    @Override
    public void whenDrained(Runnable action) {
      open.drainHandler(v -> action.run());
    }

    @Override
    public void soon(Runnable action) {
      vertx.runOnContext(v -> action.run());
    }

    @Override
    public Runnable later(long ms, Runnable action) {
      long id = vertx.setTimer(ms, fired -> action.run());
      return () -> vertx.cancelTimer(id);
    }
  }
}
