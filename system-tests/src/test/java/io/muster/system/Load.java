package io.muster.system;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.system.Outcome.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clients that ask one thing after the other, each request on a connection of its own, and write
 * down how every one of them ended. Half of them keep a session each over {@code /api/chat}, half
 * speak OpenAI's protocol; every second request is streamed.
 */
final class Load implements AutoCloseable {
  private static final long PAUSE_MS = 100;

  /** The turns of one session, as its client knows them. */
  static final class Session {
    final String id;

    /** Turns that were answered, in order: message, then answer. */
    final List<Map.Entry<String, String>> acknowledged = new CopyOnWriteArrayList<>();

    /** Messages that were sent and not answered: nobody can tell whether they count. */
    final List<String> inDoubt = new CopyOnWriteArrayList<>();

    Session(String id) {
      this.id = id;
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpClient client;
  private final int port;
  private final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
  private final Map<String, Session> sessions = new ConcurrentHashMap<>();
  private final Set<Call> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger running = new AtomicInteger();
  private volatile boolean stopped;

  Load(int port) {
    this.port = port;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(false)
                .setConnectTimeout(5_000)
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(port));
  }

  /** Starts so many clients of each of the two kinds. */
  Load start(int each) {
    for (int i = 0; i < each; i++) {
      Session session = new Session("load-" + i);
      sessions.put(session.id, session);
      running.addAndGet(2);
      int first = i;
      vertx.runOnContext(v -> next(session, first, first));
      vertx.runOnContext(v -> next(null, first, first));
    }
    return this;
  }

  /** Takes no new request. */
  void stop() {
    stopped = true;
  }

  boolean isOver() {
    return running.get() == 0;
  }

  List<Outcome> outcomes() {
    return List.copyOf(outcomes);
  }

  /** Those of them that ended after that moment. */
  List<Outcome> since(long nanoTime) {
    return outcomes.stream().filter(outcome -> outcome.endedAt() - nanoTime > 0).toList();
  }

  /** Streams of several words that have begun on this worker and not ended. */
  long streamsOn(String worker) {
    return open.stream()
        .filter(call -> call.stream && call.expected.contains(" ") && worker.equals(call.worker))
        .count();
  }

  List<Session> sessions() {
    return List.copyOf(sessions.values());
  }

  private void next(Session session, int client, int number) {
    if (stopped) {
      running.decrementAndGet();
      return;
    }
    boolean stream = number % 2 == 0;
    boolean demo = number % 4 > 1;
    String word = (session == null ? "o" : "s") + client + "-" + number;
    String message = demo ? "Repeat: " + word : word;
    String expected = demo ? word : Upstream.answerTo(word);
    String model = demo ? "demo" : "paced";
    String path = session == null ? "/v1/chat/completions" : "/api/chat";
    String body =
        session == null ? openAi(model, message, stream) : chat(session, model, message, stream);
    Call call =
        new Call(session, (session == null ? "openai" : "native") + (stream ? " stream" : ""));
    call.message = message;
    call.expected = expected;
    call.stream = stream;
    ask(path, body, call)
        .onComplete(done -> vertx.setTimer(PAUSE_MS, id -> next(session, client, number + 1)));
  }

  private Future<Void> ask(String path, String body, Call call) {
    Promise<Void> over = Promise.promise();
    call.over = over;
    client
        .request(HttpMethod.POST, port, "127.0.0.1", path)
        .onFailure(e -> call.end(Kind.NO_CONNECTION, e.toString()))
        .onSuccess(
            request -> {
              call.begunAt = System.nanoTime();
              request.putHeader("content-type", "application/json");
              request
                  .send(body)
                  .onFailure(e -> call.end(Kind.CUT_BEFORE_ANSWER, e.toString()))
                  .onSuccess(response -> receive(response, call));
            });
    return over.future();
  }

  private void receive(HttpClientResponse response, Call call) {
    call.worker = response.getHeader("x-worker-id");
    open.add(call);
    StringBuilder text = new StringBuilder();
    response.handler(buffer -> text.append(buffer));
    response.exceptionHandler(e -> call.cut(response, text.toString(), e.toString()));
    response.endHandler(v -> call.whole(response, text.toString()));
  }

  private static String chat(Session session, String model, String message, boolean stream) {
    return HubClient.JSON
        .createObjectNode()
        .put("session_id", session.id)
        .put("message", message)
        .put("model", model)
        .put("stream", stream)
        .toString();
  }

  private static String openAi(String model, String message, boolean stream) {
    var body = HubClient.JSON.createObjectNode().put("model", model).put("stream", stream);
    body.putArray("messages").addObject().put("role", "user").put("content", message);
    return body.toString();
  }

  /** One request on its way. Used on the clients' event loop only. */
  private final class Call {
    private final Session session;
    private final String what;
    private long begunAt = System.nanoTime();
    private String message;
    private String expected;
    private boolean stream;
    private String worker;
    private Promise<Void> over;
    private boolean ended;

    Call(Session session, String what) {
      this.session = session;
      this.what = what;
    }

    /** The answer came to its end. */
    void whole(HttpClientResponse response, String body) {
      if (response.statusCode() != 200) {
        boolean comeBack =
            (response.statusCode() == 429 || response.statusCode() == 503)
                && response.getHeader("retry-after") != null;
        end(comeBack ? Kind.COME_BACK : Kind.BAD_STATUS, response.statusCode() + " " + body);
      } else if (stream) {
        streamed(body, "the stream ended");
      } else {
        answered(text(HubClient.parse(body)));
      }
    }

    /** The connection ended within the answer. */
    void cut(HttpClientResponse response, String body, String why) {
      if (stream && response.statusCode() == 200) {
        streamed(body, why);
      } else {
        end(Kind.CUT, why);
      }
    }

    private void streamed(String body, String why) {
      StringBuilder text = new StringBuilder();
      boolean done = false;
      String error = null;
      for (String line : body.split("\n", -1)) {
        if (line.equals("data: [DONE]")) {
          done = true;
        } else if (line.startsWith("data: {") && line.endsWith("}")) {
          JsonNode event = HubClient.parse(line.substring(6));
          error = event.has("error") ? line : error;
          text.append(event.path("delta").asText(""));
          text.append(event.at("/choices/0/delta/content").asText(""));
        }
      }
      if (done && error == null) {
        answered(text.toString());
      } else if (done) {
        end(Kind.WRONG_ANSWER, "[DONE] and " + error);
      } else {
        end(error == null ? Kind.CUT : Kind.ERROR_EVENT, error == null ? why : error);
      }
    }

    private String text(JsonNode answer) {
      if (session == null) {
        return answer.at("/choices/0/message/content").asText();
      }
      worker = answer.path("worker_id").asText();
      return answer.path("response").asText();
    }

    private void answered(String text) {
      if (text.equals(expected)) {
        end(Kind.OK, null);
      } else {
        end(Kind.WRONG_ANSWER, "'" + text + "' in place of '" + expected + "'");
      }
    }

    void end(Kind kind, String detail) {
      if (ended) {
        return;
      }
      ended = true;
      open.remove(this);
      if (session != null) {
        if (kind == Kind.OK) {
          session.acknowledged.add(Map.entry(message, expected));
        } else {
          session.inDoubt.add(message);
        }
      }
      outcomes.add(new Outcome(what, kind, worker, begunAt, System.nanoTime(), detail));
      over.complete();
    }
  }

  /** The workers that answered among these. */
  static List<String> workers(List<Outcome> outcomes) {
    List<String> workers = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      if (outcome.kind() == Kind.OK && !workers.contains(outcome.worker())) {
        workers.add(outcome.worker());
      }
    }
    return workers;
  }

  @Override
  public void close() {
    stopped = true;
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }
}
