package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;

/** POST /api/chat, which two interfaces share: a body with {@code messages} is Ollama's. */
final class ChatApi {
  private final Vertx vertx;
  private final Bodies bodies;
  private final JsonInput input;
  private final NativeApi natives;
  private final OllamaApi ollama;

  ChatApi(Vertx vertx, Bodies bodies, JsonInput input, NativeApi natives, OllamaApi ollama) {
    this.vertx = vertx;
    this.bodies = bodies;
    this.input = input;
    this.natives = natives;
    this.ollama = ollama;
  }

  void chat(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    body(exchange)
        .compose(
            body ->
                body.has("messages") ? ollama.chat(exchange, body) : natives.chat(exchange, body))
        .onFailure(exchange::fail);
  }

  /** POST /api/show. */
  void show(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    body(exchange).map(ollama::show).onSuccess(exchange::answer).onFailure(exchange::fail);
  }

  private Future<ObjectNode> body(Exchange exchange) {
    return bodies
        .read(exchange)
        .compose(
            body ->
                body.length > OpenAiApi.OFF_LOOP_BYTES
                    ? vertx.executeBlocking(() -> input.tree(body), false)
                    : Future.succeededFuture(input.tree(body)));
  }
}
