package io.muster.bench.upstream;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/**
 * Serves {@code POST /v1/chat/completions} and {@code GET /v1/models}. Which answer a request gets
 * follows from its model and its {@code stream} flag, because these are what every proxy passes on.
 */
final class UpstreamVerticle extends VerticleBase {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence SSE = HttpHeaders.createOptimized("text/event-stream");
  private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");

  private final HttpServerOptions options;
  private Pacer pacer;
  private HttpServer server;

  UpstreamVerticle(HttpServerOptions options) {
    this.options = options;
  }

  @Override
  public Future<?> start() {
    pacer = new Pacer(vertx);
    server = vertx.createHttpServer(options).requestHandler(this::route);
    return server.listen();
  }

  /** The port in use. */
  int port() {
    return server.actualPort();
  }

  private void route(HttpServerRequest request) {
    switch (request.path()) {
      case "/v1/chat/completions" ->
          request.body().onSuccess(body -> answer(ChatQuestion.of(body), request.response()));
      case "/v1/models" -> json(request.response(), 200, ChatAnswers.MODELS);
      default -> json(request.response(), 404, ChatAnswers.NOT_FOUND);
    }
  }

  private void answer(ChatQuestion question, HttpServerResponse response) {
    if (!question.stream()) {
      json(response, 200, ChatAnswers.WHOLE);
      return;
    }
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, SSE)
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE);
    response.setChunked(true);
    if (question.paced()) {
      pacer.add(response, question.wantsUsage());
    } else {
      response.end(
          question.wantsUsage() ? ChatAnswers.STREAM_WITH_USAGE : ChatAnswers.STREAM_WITHOUT_USAGE);
    }
  }

  private static void json(HttpServerResponse response, int status, Buffer body) {
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON).end(body);
  }
}
