package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.chat.ChatMessage;
import io.muster.hub.chat.ChatService;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.http.CompanionDesk.Companion;
import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.UUID;

/**
 * The hub's own chat interface: one message in, one answer out, the history kept by session. A turn
 * is stored before its answer is given.
 */
final class NativeApi {
  private final ChatService chats;
  private final Jobs jobs;
  private final ModelCatalogue catalogue;
  private final Admission admission;
  private final Dispatch dispatch;
  private final Streams streams;
  private final NativeJson json;
  private final CompanionDesk companions;
  private final ToolDesk tools;

  NativeApi(
      ChatService chats,
      Jobs jobs,
      ModelCatalogue catalogue,
      Admission admission,
      Dispatch dispatch,
      Streams streams,
      NativeJson json,
      CompanionDesk companions,
      ToolDesk tools) {
    this.chats = chats;
    this.jobs = jobs;
    this.catalogue = catalogue;
    this.admission = admission;
    this.dispatch = dispatch;
    this.streams = streams;
    this.json = json;
    this.companions = companions;
    this.tools = tools;
  }

  /** POST /api/chat with a {@code message}. */
  Future<Void> chat(Exchange exchange, ObjectNode body) {
    NativeRequest request = NativeRequest.of(body);
    Companion companion = request.companion() == null ? null : companions.find(request.companion());
    String model = model(request, companion);
    String sessionId =
        request.sessionId() == null ? UUID.randomUUID().toString() : request.sessionId();
    return admission
        .place(exchange.caller(), request.stream())
        .onSuccess(exchange::permit)
        .compose(
            permit ->
                open(companion, sessionId, request.message(), model)
                    .recover(cause -> Future.failedFuture(named(cause)))
                    // Only now is known what goes to the model: the history counts, too.
                    .compose(turn -> begin(exchange, request, model, turn, permit, companion)));
  }

  /** A companion that answers itself needs none; its job only has to have a name for it. */
  private String model(NativeRequest request, Companion companion) {
    if (companion == null) {
      return jobs.model(request.model());
    }
    String named = request.model() == null ? companion.model() : request.model();
    if (request.model() == null && named != null && !catalogue.knows(named)) {
      named = null;
    }
    return named == null && companion.speaks() && catalogue.defaultModel().isEmpty()
        ? companion.id()
        : jobs.model(named);
  }

  private Future<OpenTurn> open(
      Companion companion, String sessionId, String message, String model) {
    int context = catalogue.contextTokens(model);
    return companion == null
        ? chats.open(sessionId, message, context)
        : chats.open(companion.id(), companion.systemPrompt(), sessionId, message, context);
  }

  private Future<Void> begin(
      Exchange exchange,
      NativeRequest request,
      String model,
      OpenTurn turn,
      Permit permit,
      Companion companion) {
    Job job;
    ToolDesk.ToolChat chat;
    try {
      ObjectNode asked = openAi(model, request.stream(), turn.messages());
      chat =
          request.tools() == null
              ? null
              : tools.open(request.tools(), asked, exchange.caller().name());
      job =
          jobs.chat(
              exchange,
              model,
              request.stream(),
              Affinity.session(turn.sessionId()),
              chat == null ? HttpJson.bytes(asked) : chat.body());
    } catch (ApiException wrong) {
      chats.abandon(turn);
      return Future.failedFuture(wrong);
    }
    return permit
        .reserve(job)
        .onFailure(refused -> chats.abandon(turn))
        .map(
            reserved -> {
              exchange.standing(permit.standing());
              Dispatch way = chat == null ? permit.metered(dispatch) : chat.over(dispatch, permit);
              submit(exchange, request, job, turn, way, companion);
              return null;
            });
  }

  private void submit(
      Exchange exchange,
      NativeRequest request,
      Job job,
      OpenTurn turn,
      Dispatch way,
      Companion companion) {
    if (exchange.over()) {
      chats.abandon(turn);
      return;
    }
    NativeTurn running = new NativeTurn(exchange, chats, turn, job, json);
    Dispatch answering = companion != null && companion.speaks() ? companion.voice(turn, way) : way;
    if (request.stream()) {
      ClientStream stream =
          new ClientStream(exchange, streams, SseWriter.EVENT_STREAM, SseWriter.KEEP_ALIVE);
      stream.follow(running.follow(answering.submit(job, running.streaming(stream))));
    } else {
      JobHandle handle = answering.submit(job, running);
      exchange.whenGone(running.follow(handle)::gone);
    }
  }

  /** GET /api/sessions/:id. */
  void show(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    String id = ctx.pathParam("id");
    chats
        .find(exchange.request().getParam("companion"), id)
        .onSuccess(
            found ->
                found.ifPresentOrElse(
                    session -> exchange.answer(Buffer.buffer(json.session(session))),
                    () -> exchange.fail(unknown(id))))
        .onFailure(exchange::fail);
  }

  /** DELETE /api/sessions/:id. */
  void delete(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    String id = ctx.pathParam("id");
    chats
        .delete(exchange.request().getParam("companion"), id)
        .onSuccess(
            deleted -> {
              if (deleted) {
                exchange.answer(Buffer.buffer(json.deleted(id)));
              } else {
                exchange.fail(unknown(id));
              }
            })
        .onFailure(exchange::fail);
  }

  private static ApiError unknown(String id) {
    return ApiError.of(404, "session_not_found", "session_id", "There is no session '" + id + "'.");
  }

  /** The sessions name the field that is wrong at the beginning of what they say. */
  private static Throwable named(Throwable cause) {
    if (cause instanceof FaultException fault && fault.fault().failure() == Failure.BAD_REQUEST) {
      String message = fault.fault().message();
      for (String field : List.of("session_id", "message")) {
        if (message.startsWith(field + ": ")) {
          return ApiError.invalid(field, message).asException();
        }
      }
    }
    return cause;
  }

  private static ObjectNode openAi(String model, boolean stream, List<ChatMessage> messages) {
    ObjectNode body = HttpJson.MAPPER.createObjectNode().put("model", model).put("stream", stream);
    ArrayNode list = body.putArray("messages");
    for (ChatMessage message : messages) {
      list.addObject().put("role", message.role()).put("content", message.content());
    }
    return body;
  }
}
