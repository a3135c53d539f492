package io.muster.hub.companion;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.companion.CompanionMessage;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiErrors;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Frames of a companion that answers itself: {@code companion_chat {requestId, sessionId, message,
 * history}} to it, {@code companion_reply {requestId, reply}} from it.
 */
final class CompanionSocket implements SocketFeature {
  private static final int MOST_WAITING = 256;
  private static final int LONGEST_REPLY = 1 << 20;

  private final Vertx vertx;
  private final long patienceMs;
  private final Map<NodeSession, Map<String, Promise<CompanionMessage.Reply>>> waiting =
      new HashMap<>();

  /**
   * @param patienceMs after which nobody waits for a reply any more
   */
  CompanionSocket(Vertx vertx, long patienceMs) {
    this.vertx = vertx;
    this.patienceMs = patienceMs;
  }

  @Override
  public Map<String, BiConsumer<NodeSession, JsonObject>> frames() {
    return Map.of("companion_reply", this::replied);
  }

  @Override
  public Inbox inbox(NodeSession session) {
    waiting.put(session, new HashMap<>());
    session.whenGone(
        () -> {
          Map<String, Promise<CompanionMessage.Reply>> left = waiting.remove(session);
          if (left != null) {
            List.copyOf(left.values()).forEach(each -> each.tryFail(gone()));
          }
        });
    return new Inbox().serve(CompanionMessage.Chat.class, question -> ask(session, question));
  }

  private Future<CompanionMessage.Reply> ask(NodeSession session, CompanionMessage.Chat question) {
    Map<String, Promise<CompanionMessage.Reply>> open = waiting.get(session);
    if (open == null) {
      return Future.failedFuture(gone());
    }
    if (open.size() >= MOST_WAITING || session.isFull()) {
      return Future.failedFuture(
          Fault.of(Failure.NODE_BUSY, "too many messages wait for the companion").asException());
    }
    JsonArray history = new JsonArray();
    question
        .history()
        .forEach(
            line ->
                history.add(
                    new JsonObject().put("role", line.role()).put("content", line.content())));
    Promise<CompanionMessage.Reply> reply = Promise.promise();
    String id = question.requestId();
    open.put(id, reply);
    long timer =
        vertx.setTimer(
            patienceMs,
            t ->
                reply.tryFail(
                    Fault.of(Failure.DEADLINE, "the companion did not reply in time")
                        .asException()));
    reply
        .future()
        .onComplete(
            done -> {
              vertx.cancelTimer(timer);
              open.remove(id, reply);
            });
    if (!session.send(
        "companion_chat",
        new JsonObject()
            .put("requestId", id)
            .put("sessionId", question.sessionId())
            .put("message", question.message())
            .put("history", history))) {
      reply.tryFail(gone());
    }
    return reply.future();
  }

  /** A reply that nobody waits for any more is dropped: it is late, which is no fault. */
  private void replied(NodeSession session, JsonObject data) {
    if (!(data.getValue("requestId") instanceof String id)) {
      throw ApiErrors.invalid("requestId", "'requestId' is missing: it has to be a string.");
    }
    Object text = data.containsKey("reply") ? data.getValue("reply") : data.getValue("message");
    if (!(text instanceof String reply)) {
      throw ApiErrors.invalid("reply", "'reply' is missing: it has to be a string.");
    }
    if (reply.length() > LONGEST_REPLY) {
      throw ApiErrors.invalid("reply", "'reply' is longer than " + LONGEST_REPLY + " characters.");
    }
    Promise<CompanionMessage.Reply> asked = waiting.getOrDefault(session, Map.of()).get(id);
    if (asked != null) {
      asked.tryComplete(new CompanionMessage.Reply(id, reply));
    }
  }

  private static RuntimeException gone() {
    return Fault.of(Failure.UNREACHABLE, "the companion's connection is gone").asException();
  }
}
