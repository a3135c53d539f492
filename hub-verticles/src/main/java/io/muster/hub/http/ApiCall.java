package io.muster.hub.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** One request to a feature's route. */
public final class ApiCall {
  private final RoutingContext context;
  private final Exchange exchange;
  private final Vertx vertx;
  private final Bodies bodies;
  private final JsonInput input;

  ApiCall(RoutingContext context, Vertx vertx, Bodies bodies, JsonInput input) {
    this.context = context;
    this.exchange = Exchange.of(context);
    this.vertx = vertx;
    this.bodies = bodies;
    this.input = input;
  }

  public RoutingContext context() {
    return context;
  }

  public HttpServerRequest request() {
    return exchange.request();
  }

  /** {@code x-request-id}. */
  public String requestId() {
    return exchange.requestId();
  }

  /** Who calls, for logs and limits; never the key itself. */
  public String caller() {
    return exchange.caller().name();
  }

  /** A part of the path, {@code :id}. */
  public String path(String name) {
    return context.pathParam(name);
  }

  /** A parameter after the question mark, empty when it is not there. */
  public Optional<String> query(String name) {
    return Optional.ofNullable(request().getParam(name)).filter(value -> !value.isEmpty());
  }

  /**
   * A parameter that is a number.
   *
   * @return the number, or {@code missing}; throws 400 where it is none or out of range
   */
  public long query(String name, long least, long most, long missing) {
    Optional<String> given = query(name);
    if (given.isEmpty()) {
      return missing;
    }
    try {
      long value = Long.parseLong(given.get());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ApiErrors.invalid(
        name, "'" + name + "' has to be an integer from " + least + " to " + most + ".");
  }

  /**
   * The JSON object in the body; to be called before the handler returns.
   *
   * @return fails with 400 where it is none, 413 where it is too large
   */
  public Future<JsonBody> body() {
    return bytes().compose(this::parse);
  }

  /** The same, where no body at all means an empty object. */
  public Future<JsonBody> bodyOrEmpty() {
    return bytes()
        .compose(
            bytes -> bytes.length == 0 ? Future.succeededFuture(JsonBody.empty()) : parse(bytes));
  }

  private Future<byte[]> bytes() {
    return bodies.read(exchange);
  }

  private Future<JsonBody> parse(byte[] bytes) {
    return bytes.length > OpenAiApi.OFF_LOOP_BYTES
        ? vertx.executeBlocking(() -> new JsonBody(input.tree(bytes)), false)
        : Future.succeededFuture(new JsonBody(input.tree(bytes)));
  }

  /** Is run when the client leaves before its answer is complete. */
  public void whenGone(Runnable gone) {
    exchange.whenGone(gone);
  }

  /** Is run when the hub stops before this has ended, and is to end it: a stop waits for it. */
  public void whenStopping(Runnable action) {
    exchange.whenStopping(action);
  }

  /** Whether nothing can be answered any more. */
  public boolean over() {
    return exchange.over();
  }

  /** Ends the connection at once, past whatever waits to be written to it. */
  public void cut() {
    exchange.cut();
  }

  void answer(ApiReply reply) {
    if (exchange.over()) {
      return;
    }
    reply.headers().forEach(exchange.response()::putHeader);
    exchange.response().putHeader("cache-control", "no-store");
    if (reply.body() == null) {
      exchange.response().setStatusCode(reply.status());
      var unused = exchange.response().end();
    } else {
      exchange.answer(reply.status(), reply.body().toBuffer().appendBuffer(NEWLINE));
    }
  }

  /** Answers with an error in the shape that the path's clients expect. */
  public void fail(Throwable cause) {
    exchange.fail(cause);
  }

  private static final Buffer NEWLINE = Buffer.buffer("\n");
}
