package io.muster.hub.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the features beside chat build their routes on: who calls, a JSON body in, a JSON answer or
 * an error in the path's shape out.
 */
public final class Api {
  private final Vertx vertx;
  private final Bodies bodies;
  private final JsonInput input;
  private final Consumer<RoutingContext> identify;
  private final Exchanges exchanges;

  /**
   * @param identify names the caller of the request's exchange; throws an {@link ApiException} for
   *     one who may not call
   */
  Api(
      Vertx vertx,
      Bodies bodies,
      JsonInput input,
      Consumer<RoutingContext> identify,
      Exchanges exchanges) {
    this.vertx = vertx;
    this.bodies = bodies;
    this.input = input;
    this.identify = identify;
    this.exchanges = exchanges;
  }

  /** Is run when the hub stops, to end what a feature holds open otherwise than by a call. */
  public void whenStopping(Runnable action) {
    exchanges.whenStopping(action, action);
  }

  /**
   * A route for whoever may use the hub: with one of {@code API_KEYS}, where there are any.
   *
   * @param handler may throw; what its future fails with becomes the error
   */
  public Handler<RoutingContext> forCallers(Function<ApiCall, Future<ApiReply>> handler) {
    return forAll(
        call -> {
          identify.accept(call.context());
          return handler.apply(call);
        });
  }

  /** A route that sees to it itself who may call. */
  public Handler<RoutingContext> forAll(Function<ApiCall, Future<ApiReply>> handler) {
    return ctx -> {
      ApiCall call = new ApiCall(ctx, vertx, bodies, input);
      Future<ApiReply> reply;
      try {
        reply = handler.apply(call);
      } catch (RuntimeException e) {
        reply = Future.failedFuture(e);
      }
      reply.onSuccess(call::answer).onFailure(call::fail);
    };
  }

  /**
   * A route that answers by itself, with a stream or a socket.
   *
   * @param handler may throw; what its future fails with becomes the error, when nothing was
   *     answered yet
   */
  public Handler<RoutingContext> forStreams(Function<ApiCall, Future<?>> handler) {
    return ctx -> {
      ApiCall call = new ApiCall(ctx, vertx, bodies, input);
      try {
        handler.apply(call).onFailure(call::fail);
      } catch (RuntimeException e) {
        call.fail(e);
      }
    };
  }

  /** Names the caller of a request that answers by itself, a stream or a socket. */
  public void identify(RoutingContext ctx) {
    identify.accept(ctx);
  }
}
