package io.muster.hub.events;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The JDK's own WebSocket client, with what it received. */
public final class SocketClient implements WebSocket.Listener, AutoCloseable {
  public final BlockingQueue<JsonObject> frames = new LinkedBlockingQueue<>();
  public final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder text = new StringBuilder();
  private final boolean reads;
  private final WebSocket socket;

  /**
   * @param reads false for one that takes nothing until {@link #read}
   */
  public SocketClient(HttpClient client, URI uri, boolean reads, String... headers) {
    this.reads = reads;
    WebSocket.Builder builder = client.newWebSocketBuilder();
    for (int i = 0; i < headers.length; i += 2) {
      builder.header(headers[i], headers[i + 1]);
    }
    socket = builder.buildAsync(uri, this).join();
  }

  public SocketClient send(JsonObject frame) {
    return send(frame.encode());
  }

  public SocketClient send(String frame) {
    socket.sendText(frame, true).join();
    return this;
  }

  /** The next frame, within 10 s. */
  public JsonObject next() throws InterruptedException {
    JsonObject frame = frames.poll(10, TimeUnit.SECONDS);
    if (frame == null) {
      throw new AssertionError("no frame within 10 s" + (closed.isDone() ? ", closed" : ""));
    }
    return frame;
  }

  public int closeCode() throws Exception {
    return closed.get(10, TimeUnit.SECONDS);
  }

  /** Takes all from now on. */
  public void read() {
    socket.request(Long.MAX_VALUE / 2);
  }

  @Override
  public void onOpen(WebSocket opened) {
    if (reads) {
      opened.request(Long.MAX_VALUE / 2);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
    take(data, last);
    return null;
  }

  @Override
  public CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
    take(StandardCharsets.UTF_8.decode(data), last);
    return null;
  }

  private void take(CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      frames.add(new JsonObject(text.toString()));
      text.setLength(0);
    }
  }

  @Override
  public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket from, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
