package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerJson;
import io.muster.worker.api.ApiProblem;
import io.muster.worker.api.ApiReply;
import io.muster.worker.api.NodeApi;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.function.Function;

/** The node's own routes for containers, {@code /api/v1/containers}. */
final class ContainerRoutes {
  private static final String ALL = "/api/v1/containers";
  private static final String ONE = ALL + "/:id";
  private static final int PIECE_BYTES = 64 << 10;
  private static final int KEEP_ALIVE_MS = 10_000;
  private static final int MOST_LINES = 100_000;

  private final Vertx vertx;
  private final Desk desk;
  private final Follows follows;
  private NodeApi api;

  ContainerRoutes(Vertx vertx, Desk desk, Follows follows) {
    this.vertx = vertx;
    this.desk = desk;
    this.follows = follows;
  }

  void mount(Router router, NodeApi nodeApi) {
    this.api = nodeApi;
    router.post(ALL).handler(answer(this::create));
    router.get(ALL).handler(answer(this::list));
    router.get(ONE).handler(answer(this::show));
    router.get(ONE + "/stats").handler(answer(this::stats));
    router.get(ONE + "/logs").handler(this::logs);
    router.post(ONE + "/stop").handler(answer(this::stop));
    router.post(ONE + "/restart").handler(answer(this::restart));
    router.delete(ONE).handler(answer(this::remove));
  }

  private io.vertx.core.Handler<RoutingContext> answer(
      Function<RoutingContext, Future<ApiReply>> route) {
    return api.answer(
        context -> {
          try {
            return route.apply(context).recover(cause -> Future.failedFuture(problem(cause)));
          } catch (FaultException e) {
            throw problem(e);
          }
        });
  }

  private static RuntimeException problem(Throwable cause) {
    if (cause instanceof FaultException known) {
      Fault fault = known.fault();
      String message = fault.message();
      int end = message.startsWith("'") ? message.indexOf('\'', 1) : -1;
      return new ApiProblem(
          fault.failure().httpStatus(),
          fault.failure() == Failure.BAD_REQUEST
              ? "invalid_value"
              : fault.failure().name().toLowerCase(Locale.ROOT),
          end > 0 ? message.substring(1, end) : null,
          message);
    }
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private Future<ApiReply> create(RoutingContext context) {
    return desk.create(ContainerBody.read(api.body(context)))
        .map(
            claimed -> {
              JsonObject json = ContainerJson.of(claimed.container());
              if (!claimed.made()) {
                return ApiReply.ok(json);
              }
              return claimed.container().containerId() == null
                  ? new ApiReply(202, json)
                  : ApiReply.created(json);
            });
  }

  private Future<ApiReply> list(RoutingContext context) {
    JsonArray list = new JsonArray();
    desk.list().forEach(container -> list.add(ContainerJson.of(container)));
    return Future.succeededFuture(
        ApiReply.ok(new JsonObject().put("containers", list).put("total", list.size())));
  }

  private Future<ApiReply> show(RoutingContext context) {
    String id = context.pathParam("id");
    return desk.inspect(id)
        .map(engine -> ApiReply.ok(ContainerJson.of(desk.info(id)).put("engine", engine)));
  }

  private Future<ApiReply> stats(RoutingContext context) {
    String id = context.pathParam("id");
    return desk.measure(id)
        .map(
            stats ->
                ApiReply.ok(
                    new JsonObject().put("claim_id", desk.info(id).claimId()).put("stats", stats)));
  }

  private Future<ApiReply> stop(RoutingContext context) {
    return desk.stop(context.pathParam("id"), grace(context))
        .map(container -> ApiReply.ok(ContainerJson.of(container)));
  }

  private Future<ApiReply> restart(RoutingContext context) {
    return desk.restart(context.pathParam("id"), grace(context))
        .map(container -> ApiReply.ok(ContainerJson.of(container)));
  }

  private Future<ApiReply> remove(RoutingContext context) {
    return desk.remove(context.pathParam("id"), grace(context))
        .map(container -> ApiReply.ok(ContainerJson.of(container)));
  }

  private static int grace(RoutingContext context) {
    return number(context, "grace", 0, Engine.MOST_GRACE_SECONDS, 10);
  }

  private static int number(RoutingContext context, String name, int least, int most, int missing) {
    String given = context.request().getParam(name);
    if (given == null || given.isEmpty()) {
      return missing;
    }
    if (given.matches("-?[0-9]{1,9}")) {
      int value = Integer.parseInt(given);
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw ApiProblem.invalid(
        name, "'" + name + "' has to be an integer from " + least + " to " + most + ".");
  }

  /** Server-sent events: {@code state}, {@code pull}, {@code log}, {@code lost}. */
  private void logs(RoutingContext context) {
    String stream;
    try {
      boolean follow = !"false".equals(context.request().getParam("follow"));
      int tail = number(context, "tail", -1, MOST_LINES, 100);
      stream = follows.begin(desk.find(context.pathParam("id")), tail, follow);
    } catch (RuntimeException e) {
      api.fail(context, problem(e));
      return;
    }
    HttpServerResponse response = context.response();
    response
        .putHeader("content-type", "text/event-stream")
        .putHeader("cache-control", "no-cache")
        .setChunked(true);
    response.closeHandler(v -> follows.end(stream));
    next(response, stream);
  }

  private void next(HttpServerResponse response, String stream) {
    if (response.closed() || response.ended()) {
      follows.end(stream);
      return;
    }
    Future<Piece> read;
    try {
      read = follows.read(stream, PIECE_BYTES, KEEP_ALIVE_MS);
    } catch (FaultException e) {
      // It took nothing for so long that it was given up.
      var unused =
          response.end(event("lost", new JsonObject().put("reason", e.getMessage()).encode()));
      return;
    }
    read.onSuccess(
        piece -> {
          if (response.closed() || response.ended()) {
            follows.end(stream);
            return;
          }
          StringBuilder text = new StringBuilder(piece.told().isEmpty() ? ": \n\n" : "");
          piece.told().forEach(told -> text.append(event(told.kind(), told.json())));
          if (piece.ended()) {
            var unused = response.end(text.toString());
            return;
          }
          var unused = response.write(text.toString());
          if (response.writeQueueFull()) {
            response.drainHandler(v -> next(response, stream));
          } else {
            // Not at once: however much there is, others have their turn.
            vertx.runOnContext(v -> next(response, stream));
          }
        });
  }

  private static String event(String kind, String json) {
    return "event: " + kind + "\ndata: " + json + "\n\n";
  }
}
