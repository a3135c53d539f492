package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Function;

/** OpenAI's interface: chat completions and models. JSON ⇄ {@link Job}, nothing more. */
final class OpenAiApi {
  /** Reading a body larger than this would hold up the event loop for a millisecond or more. */
  static final int OFF_LOOP_BYTES = 256 << 10;

  private final Vertx vertx;
  private final Bodies bodies;
  private final ChatRequestReader reader;
  private final Jobs jobs;
  private final Admission admission;
  private final Dispatch dispatch;
  private final Streams streams;
  private final ModelList models;
  private final JsonInput input;
  private final ToolDesk tools;

  OpenAiApi(
      Vertx vertx,
      Bodies bodies,
      ChatRequestReader reader,
      Jobs jobs,
      Admission admission,
      Dispatch dispatch,
      Streams streams,
      ModelList models,
      JsonInput input,
      ToolDesk tools) {
    this.vertx = vertx;
    this.bodies = bodies;
    this.reader = reader;
    this.jobs = jobs;
    this.admission = admission;
    this.dispatch = dispatch;
    this.streams = streams;
    this.models = models;
    this.input = input;
    this.tools = tools;
  }

  /** POST /v1/chat/completions. */
  void chatCompletions(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    bodies
        .read(exchange)
        .compose(body -> read(body).compose(request -> answer(exchange, request, body)))
        .onFailure(exchange::fail);
  }

  /** GET /v1/models. */
  void listModels(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    exchange.answer(models.all(ctx.queryParams()));
  }

  /** GET /v1/models/:id, where an id may hold slashes. */
  void showModel(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    String id = ModelList.idIn(ctx.request().path());
    Buffer model = models.one(id);
    if (model == null) {
      exchange.fail(ApiError.modelNotFound(id));
    } else {
      exchange.answer(model);
    }
  }

  private Future<ChatRequest> read(byte[] body) {
    return body.length > OFF_LOOP_BYTES
        ? vertx.executeBlocking(() -> reader.read(body), false)
        : Future.succeededFuture(reader.read(body));
  }

  private Future<Void> answer(Exchange exchange, ChatRequest request, byte[] body) {
    if (request.tools() == null) {
      return admit(exchange, request, body, permit -> permit.metered(dispatch));
    }
    Future<ObjectNode> tree =
        body.length > OFF_LOOP_BYTES
            ? vertx.executeBlocking(() -> input.tree(body), false)
            : Future.succeededFuture(input.tree(body));
    return tree.compose(
        json -> {
          ToolDesk.ToolChat chat = tools.open(request.tools(), json, exchange.caller().name());
          return admit(exchange, request, chat.body(), permit -> chat.over(dispatch, permit));
        });
  }

  /**
   * @param way what answers the job, once it is admitted
   */
  private Future<Void> admit(
      Exchange exchange, ChatRequest request, byte[] body, Function<Permit, Dispatch> way) {
    String model = jobs.model(request.model());
    Job job = jobs.chat(exchange, model, request.stream(), request.affinity(), body);
    return admission
        .admit(exchange.caller(), job)
        .map(
            permit -> {
              exchange.permit(permit);
              dispatch(exchange, request, job, way.apply(permit));
              return null;
            });
  }

  private void dispatch(Exchange exchange, ChatRequest request, Job job, Dispatch way) {
    if (exchange.over()) {
      return;
    }
    if (request.stream()) {
      ClientStream stream =
          new ClientStream(exchange, streams, SseWriter.EVENT_STREAM, SseWriter.KEEP_ALIVE);
      stream.follow(way.submit(job, new SseWriter(stream, request.includeUsage(), job.model())));
    } else {
      JobHandle handle = way.submit(job, new WholeAnswer(exchange));
      exchange.whenGone(() -> handle.cancel("the client went away"));
    }
  }
}
