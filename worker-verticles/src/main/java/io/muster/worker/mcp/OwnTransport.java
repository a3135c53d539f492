package io.muster.worker.mcp;

import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.spec.McpClientTransport;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCMessage;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCNotification;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCRequest;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse;
import io.modelcontextprotocol.spec.McpSchema.JSONRPCResponse.JSONRPCError;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * A transport of the SDK that also knows which request a call became, which the SDK does not tell:
 * so a call can be cancelled at its server.
 */
final class OwnTransport implements McpClientTransport {
  /** As LSP numbers it; it never leaves this process. */
  private static final int CANCELLED = -32800;

  private final McpClientTransport transport;
  private final Runnable leftOver;
  private final Map<Object, Object> requestIds = new ConcurrentHashMap<>();
  private volatile Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> session;

  /**
   * @param leftOver ends what the transport's own end leaves; blocks
   */
  OwnTransport(McpClientTransport transport, Runnable leftOver) {
    this.transport = transport;
    this.leftOver = leftOver;
  }

  /** Ends what has not ended in order; blocks. */
  void endByForce() {
    leftOver.run();
  }

  @Override
  public Mono<Void> sendMessage(JSONRPCMessage message) {
    if (message instanceof JSONRPCRequest request
        && request.params() instanceof CallToolRequest call
        && call.meta() != null
        && call.meta().get("progressToken") != null) {
      requestIds.put(call.meta().get("progressToken"), request.id());
    }
    return transport.sendMessage(message);
  }

  /** Tells the server that nobody wants the result of this call. */
  void cancel(Object progressToken, String reason) {
    Object id = requestIds.remove(progressToken);
    if (id != null) {
      transport
          .sendMessage(
              new JSONRPCNotification(
                  "notifications/cancelled", Map.of("requestId", id, "reason", reason)))
          .onErrorComplete()
          .subscribe();
      forget(id, reason);
    }
  }

  /** What was cancelled is not answered: the SDK's session would wait for it to the end. */
  private void forget(Object id, String reason) {
    if (session != null) {
      JSONRPCMessage answer = JSONRPCResponse.error(id, new JSONRPCError(CANCELLED, reason));
      session.apply(Mono.just(answer)).onErrorComplete().subscribe();
    }
  }

  void ended(Object progressToken) {
    requestIds.remove(progressToken);
  }

  @Override
  public Mono<Void> connect(Function<Mono<JSONRPCMessage>, Mono<JSONRPCMessage>> handler) {
    session = handler;
    return transport.connect(handler);
  }

  @Override
  public void setExceptionHandler(Consumer<Throwable> handler) {
    transport.setExceptionHandler(handler);
  }

  @Override
  public Mono<Void> closeGracefully() {
    return transport.closeGracefully();
  }

  @Override
  public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
    return transport.unmarshalFrom(data, type);
  }

  @Override
  public List<String> protocolVersions() {
    return transport.protocolVersions();
  }
}
