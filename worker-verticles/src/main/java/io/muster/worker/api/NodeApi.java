package io.muster.worker.api;

import io.muster.runtime.ops.JsonAnswer;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what is asked of the node's API and writes its answers: what routes have in common. Used on
 * the event loop.
 */
public final class NodeApi {
  private static final Logger log = LoggerFactory.getLogger(NodeApi.class);

  /**
   * A route's handler: answers with what the function's future brings. An {@link ApiProblem},
   * thrown or as its failure, is the answer then; anything else is a 500 that says nothing.
   */
  public Handler<RoutingContext> answer(Function<RoutingContext, Future<ApiReply>> route) {
    return context -> {
      Future<ApiReply> answer;
      try {
        answer = route.apply(context);
      } catch (RuntimeException e) {
        answer = Future.failedFuture(e);
      }
      answer.onComplete(reply -> send(context, reply), cause -> fail(context, cause));
    };
  }

  /** Sends an answer, once. */
  public void send(RoutingContext context, ApiReply reply) {
    if (reply.body() != null) {
      JsonAnswer.send(context.request(), reply.status(), reply.body());
    } else if (!context.response().ended() && !context.response().closed()) {
      context.response().setStatusCode(reply.status()).end();
    }
  }

  /**
   * Answers with a failure: {@code {"error":{"message","type","param","code"}}}. After the answer
   * has begun (a stream), it ends the connection instead.
   */
  public void fail(RoutingContext context, Throwable cause) {
    if (context.response().headWritten()) {
      log.debug("{} {} failed midway", context.request().method(), context.request().path(), cause);
      context.request().connection().close();
      return;
    }
    ApiProblem problem;
    if (cause instanceof ApiProblem known) {
      problem = known;
    } else {
      log.warn("{} {} failed", context.request().method(), context.request().path(), cause);
      problem =
          new ApiProblem(
              500, "internal_error", null, "The node could not do this; its log says why.");
    }
    JsonObject error =
        new JsonObject()
            .put("message", problem.getMessage())
            .put("type", problem.status() < 500 ? "invalid_request_error" : "server_error")
            .put("param", problem.field())
            .put("code", problem.code());
    JsonAnswer.send(context.request(), problem.status(), new JsonObject().put("error", error));
  }

  /**
   * The request's body.
   *
   * @throws ApiProblem when it is no JSON object
   */
  public JsonObject body(RoutingContext context) {
    Buffer body = context.body() == null ? null : context.body().buffer();
    if (body == null || body.length() == 0) {
      throw new ApiProblem(
          400,
          "invalid_json",
          null,
          "This needs a body: one JSON object (Content-Type: application/json).");
    }
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException e) {
      throw new ApiProblem(
          400, "invalid_json", null, "The body must be one JSON object; it is not.");
    }
  }

  /**
   * The same, with no other fields than these.
   *
   * @throws ApiProblem naming the first that is unknown
   */
  public JsonObject body(RoutingContext context, Set<String> known) {
    JsonObject body = body(context);
    for (String field : body.fieldNames()) {
      if (!known.contains(field)) {
        throw ApiProblem.invalid(
            field,
            "There is no field "
                + quoted(field)
                + "; known are "
                + new TreeSet<>(known).stream().collect(Collectors.joining(", "))
                + ".");
      }
    }
    return body;
  }

  private static String quoted(String field) {
    String shown = field.length() > 64 ? field.substring(0, 64) + "…" : field;
    return "\"" + shown.replaceAll("\\p{Cntrl}", "?") + "\"";
  }
}
