package io.muster.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A small server that speaks OpenAI's protocol and records what it is asked. What it does depends
 * on the model:
 *
 * <ul>
 *   <li>{@code paced}: says the last message's words again and counts to {@link #WORDS}, one word
 *       at a time where it streams
 *   <li>{@code tools}: calls the first tool it is given
 *   <li>{@code held}: answers when it is {@link #release}d
 *   <li>{@code endless}: streams until the other side goes
 *   <li>{@code refusing}: 400 with the parameter that it does not like
 * </ul>
 */
final class Upstream implements AutoCloseable {
  static final List<String> MODELS = List.of("paced", "tools", "held", "endless", "refusing");
  static final int WORDS = 20;
  private static final long PAUSE_MS = 50;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;
  private final List<HttpServerResponse> held = new CopyOnWriteArrayList<>();
  final List<JsonNode> seen = new CopyOnWriteArrayList<>();
  final List<String> authorizations = new CopyOnWriteArrayList<>();

  /** Models whose connection was closed before their answer was whole. */
  final List<String> aborted = new CopyOnWriteArrayList<>();

  Upstream() {
    this("127.0.0.1");
  }

  /**
   * @param host the interface it listens on
   */
  Upstream(String host) {
    server =
        await(
            vertx
                .createHttpServer(new HttpServerOptions().setHost(host).setPort(0))
                .requestHandler(this::handle)
                .listen());
  }

  String url() {
    return url("127.0.0.1");
  }

  /** Where it is for those who reach this machine at that address. */
  String url(String host) {
    return "http://" + host + ":" + server.actualPort() + "/v1";
  }

  /** What {@code paced} answers to this message. */
  static String answerTo(String message) {
    StringBuilder answer = new StringBuilder(message);
    for (int i = 1; i <= WORDS; i++) {
      answer.append(' ').append(i);
    }
    return answer.toString();
  }

  int held() {
    return held.size();
  }

  /** Answers what is held. */
  void release() {
    held.forEach(response -> vertx.runOnContext(v -> whole(response, "held", "released")));
    held.clear();
  }

  private void handle(HttpServerRequest request) {
    authorizations.add(String.valueOf(request.getHeader("authorization")));
    if (request.path().equals("/v1/models")) {
      ObjectNode list = HubClient.JSON.createObjectNode().put("object", "list");
      for (String model : MODELS) {
        list.withArray("data")
            .addObject()
            .put("id", model)
            .put("object", "model")
            .put("created", 1_700_000_000)
            .put("owned_by", "upstream");
      }
      json(request.response(), 200, list);
    } else {
      var unused = request.body().onSuccess(body -> chat(request, body));
    }
  }

  private void chat(HttpServerRequest request, Buffer body) {
    JsonNode asked = HubClient.parse(body.toString());
    seen.add(asked);
    HttpServerResponse response = request.response();
    JsonNode messages = asked.path("messages");
    String last = messages.path(messages.size() - 1).path("content").asText();
    boolean stream = asked.path("stream").asBoolean();
    String model = asked.path("model").asText();
    response.closeHandler(
        closed -> {
          if (!response.ended()) {
            aborted.add(model);
          }
        });
    switch (model) {
      case "tools" -> tools(response, asked, stream);
      case "held" -> held.add(response);
      case "endless" -> {
        open(response);
        endless(response);
      }
      case "refusing" -> refuse(response);
      default -> {
        if (stream) {
          open(response);
          words(response, model, last, 0);
        } else {
          vertx.setTimer(WORDS * PAUSE_MS / 2, id -> whole(response, model, answerTo(last)));
        }
      }
    }
  }

  private void words(HttpServerResponse response, String model, String message, int at) {
    if (response.closed()) {
      return;
    }
    if (at > WORDS) {
      event(response, chunk(model, "", "stop"));
      ObjectNode usage = chunk(model, null, null);
      usage.putArray("choices");
      usage
          .putObject("usage")
          .put("prompt_tokens", 7)
          .put("completion_tokens", WORDS + 1)
          .put("total_tokens", WORDS + 8);
      event(response, usage);
      var unused = response.end("data: [DONE]\n\n");
      return;
    }
    event(response, chunk(model, at == 0 ? message : " " + at, null));
    vertx.setTimer(PAUSE_MS, id -> words(response, model, message, at + 1));
  }

  private void endless(HttpServerResponse response) {
    if (!response.closed()) {
      event(response, chunk("endless", "on ", null));
      vertx.setTimer(PAUSE_MS, id -> endless(response));
    }
  }

  private static void tools(HttpServerResponse response, JsonNode asked, boolean stream) {
    String tool = asked.path("tools").path(0).path("function").path("name").asText("none");
    ObjectNode call = HubClient.JSON.createObjectNode().put("id", "call_1").put("type", "function");
    call.putObject("function").put("name", tool).put("arguments", "{\"city\":\"Oslo\"}");
    if (!stream) {
      ObjectNode answer = completion("tools", null, "tool_calls");
      ((ObjectNode) answer.at("/choices/0/message")).putArray("tool_calls").add(call);
      json(response, 200, answer);
      return;
    }
    open(response);
    call.put("index", 0);
    ((ObjectNode) call.path("function")).put("arguments", "");
    event(response, toolChunk(call));
    for (String part : List.of("{\"city\":", "\"Oslo\"}")) {
      ObjectNode more = HubClient.JSON.createObjectNode().put("index", 0);
      more.putObject("function").put("arguments", part);
      event(response, toolChunk(more));
    }
    event(response, chunk("tools", "", "tool_calls"));
    var unused = response.end("data: [DONE]\n\n");
  }

  private static ObjectNode toolChunk(ObjectNode call) {
    ObjectNode chunk = chunk("tools", null, null);
    ((ObjectNode) chunk.at("/choices/0/delta")).putArray("tool_calls").add(call);
    return chunk;
  }

  private static void refuse(HttpServerResponse response) {
    ObjectNode error = HubClient.JSON.createObjectNode();
    error
        .putObject("error")
        .put("message", "'temperature' is above 2")
        .put("type", "invalid_request_error")
        .put("param", "temperature")
        .put("code", "decimal_above_max_value");
    json(response, 400, error);
  }

  private static void whole(HttpServerResponse response, String model, String text) {
    if (!response.closed()) {
      json(response, 200, completion(model, text, "stop"));
    }
  }

  private static ObjectNode completion(String model, String text, String finishReason) {
    ObjectNode answer =
        HubClient.JSON
            .createObjectNode()
            .put("id", "chatcmpl-1")
            .put("object", "chat.completion")
            .put("created", 1_700_000_000)
            .put("model", model);
    ObjectNode choice = answer.putArray("choices").addObject().put("index", 0);
    choice.putObject("message").put("role", "assistant").put("content", text);
    choice.put("finish_reason", finishReason);
    answer
        .putObject("usage")
        .put("prompt_tokens", 7)
        .put("completion_tokens", WORDS + 1)
        .put("total_tokens", WORDS + 8);
    return answer;
  }

  private static ObjectNode chunk(String model, String text, String finishReason) {
    ObjectNode chunk =
        HubClient.JSON
            .createObjectNode()
            .put("id", "chatcmpl-1")
            .put("object", "chat.completion.chunk")
            .put("created", 1_700_000_000)
            .put("model", model);
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    ObjectNode delta = choice.putObject("delta").put("role", "assistant");
    if (text != null) {
      delta.put("content", text);
    }
    choice.put("finish_reason", finishReason);
    return chunk;
  }

  private static void open(HttpServerResponse response) {
    response.setChunked(true).putHeader("content-type", "text/event-stream");
  }

  private static void event(HttpServerResponse response, JsonNode event) {
    var unused = response.write("data: " + event + "\n\n");
  }

  private static void json(HttpServerResponse response, int status, JsonNode body) {
    var unused =
        response
            .setStatusCode(status)
            .putHeader("content-type", "application/json")
            .end(body.toString());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
