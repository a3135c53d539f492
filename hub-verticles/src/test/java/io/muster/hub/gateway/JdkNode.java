package io.muster.hub.gateway;

import io.muster.identity.KeyProof;
import io.muster.identity.NodeKeys;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A node on the JDK's own WebSocket client. */
final class JdkNode implements AutoCloseable {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
  final BlockingQueue<byte[]> binary = new LinkedBlockingQueue<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  final WebSocket socket;
  JsonObject ack;

  JdkNode(URI uri) {
    socket = CLIENT.newWebSocketBuilder().buildAsync(uri, new Hearing()).join();
  }

  /** Connected, with the challenge at hand. */
  static JdkNode connect(URI uri) {
    JdkNode node = new JdkNode(uri);
    node.ack = node.expect("connection_ack");
    return node;
  }

  String nonce() {
    return ack.getJsonObject("challenge").getString("nonce");
  }

  JdkNode send(String type, JsonObject data) {
    return text(new JsonObject().put("type", type).put("data", data).encode());
  }

  JdkNode text(String text) {
    socket.sendText(text, true).join();
    return this;
  }

  JsonObject register(Map<String, Object> data) {
    return send("node_register", new JsonObject(data)).expect("node_registered");
  }

  JsonObject register(Map<String, Object> data, JsonObject auth) {
    return send("node_register", new JsonObject(data).copy().put("auth", auth))
        .expect("node_registered");
  }

  /** The proofs for this connection's challenge. */
  JsonObject auth(NodeKeys keys, String nodeId) {
    KeyProof proof = KeyProof.of(keys, nonce(), nodeId);
    return new JsonObject()
        .put("publicKey", proof.publicKey())
        .put("algorithm", proof.algorithm())
        .put("signature", proof.signature());
  }

  /** The data of the next frame, which has to be of this type. */
  JsonObject expect(String type) {
    try {
      JsonObject frame = frames.poll(10, TimeUnit.SECONDS);
      if (frame == null || !type.equals(frame.getString("type"))) {
        throw new AssertionError("no " + type + " but " + frame);
      }
      return frame.getJsonObject("data");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  int closeCode() throws Exception {
    return closed.get(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    socket.abort();
  }

  private final class Hearing implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        frames.add(new JsonObject(text.toString()));
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      binary.add(bytes);
      from.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
      closed.complete(1006);
    }
  }
}
