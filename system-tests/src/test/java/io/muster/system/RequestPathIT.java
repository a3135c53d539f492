package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.Hub;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.Worker;
import io.vertx.core.Future;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The way of one request, as the README tells it: {@code OpenAiApi → Admission → Dispatcher →
 * JobQueue → Balancer → Addresses.node(id) → JobVerticle → Provider → Frame → JobTracker →
 * SseWriter}. One hub, one worker and one small model server, all in this process.
 */
class RequestPathIT {
  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(4);
  private final Upstream modelServer = new Upstream();
  private Hub hub;
  private Worker worker;

  @AfterEach
  void stop() throws Exception {
    if (hub != null) {
      done(hub.stop());
    }
    if (worker != null) {
      done(worker.stop());
    }
    modelServer.close();
    Fleet.delete(folder);
  }

  @Test
  void aRequestGoesToTheModelAndItsAnswerComesBack() throws Exception {
    // A hub and a worker are members of one cluster; their event bus is all that connects them.
    hub = done(Hub.start(settings(Role.HUB, Map.of("ROOT_NODE_PORT", "0"))));
    worker =
        done(
            Worker.start(
                settings(
                    Role.WORKER,
                    Map.of(
                        "WORKER_PORT", "0",
                        "WORKER_ID", "worker-1",
                        "OPENAI_BASE_URL", modelServer.url(),
                        "OLLAMA_DETECT", "false")),
                reason -> {
                  throw new AssertionError(reason);
                }));

    // The worker says what it is and what it serves, and the hub lists it.
    HubClient operator = new HubClient("http://127.0.0.1:" + hub.port());
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> operator.status("worker-1"), "online"::equals);
    JsonNode node = operator.getJson("/api/workers/worker-1");
    assertThat(node.path("models").findValuesAsText("id")).isEqualTo(Upstream.MODELS);

    // OpenAiApi reads a client's request, Admission lets it in, and the Dispatcher makes a job of
    // it.
    // Nothing waits in the JobQueue; of the able nodes the Balancer chooses, here among one.
    HttpResponse<String> answer =
        post(
            "/v1/chat/completions",
            """
            {"model":"paced","stream":true,"stream_options":{"include_usage":true},
             "messages":[{"role":"user","content":"hello"}]}""");

    // At Addresses.node("worker-1") the JobVerticle took it, and its Provider asked the model
    // server, for the tokens too: what was used must be known, whoever asked.
    JsonNode asked = modelServer.seen.get(0);
    assertThat(asked.path("model").asText()).isEqualTo("paced");
    assertThat(asked.at("/messages/0/content").asText()).isEqualTo("hello");
    assertThat(asked.at("/stream_options/include_usage").asBoolean()).isTrue();

    // What the model server said came back in Frames. The JobTracker knew whose they are, and
    // SseWriter wrote them to the client: every word once and in order, the tokens, the end.
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream");
    List<String> events = answer.body().lines().filter(line -> !line.isEmpty()).toList();
    StringBuilder text = new StringBuilder();
    for (String event : events.subList(0, events.size() - 1)) {
      JsonNode chunk = HubClient.parse(event.substring("data: ".length()));
      text.append(chunk.at("/choices/0/delta/content").asText(""));
    }
    assertThat(text).hasToString(Upstream.answerTo("hello"));
    JsonNode tokens = HubClient.parse(events.get(events.size() - 2).substring("data: ".length()));
    assertThat(tokens.at("/usage/completion_tokens").asInt()).isEqualTo(Upstream.WORDS + 1);
    assertThat(events).endsWith("data: [DONE]");

    // The answer tells who gave it, and the id under which both logged it.
    assertThat(answer.headers().firstValue("x-worker-id")).hasValue("worker-1");
    assertThat(answer.headers().firstValue("x-request-id")).hasValue("my-request");

    // The hub counted it, and nothing is left of it.
    JsonNode metrics = operator.getJson("/api/metrics");
    assertThat(metrics.at("/hub/completed").asInt()).isEqualTo(1);
    assertThat(metrics.at("/hub/in_flight").asInt()).isZero();
    assertThat(metrics.at("/workers/0/requests").asInt()).isEqualTo(1);

    // The hub's own chat takes the same way. It adds what was said before in the session, and a
    // turn is in the database before its answer is given.
    post("/api/chat", "{\"session_id\":\"s\",\"message\":\"first\",\"model\":\"paced\"}");
    post("/api/chat", "{\"session_id\":\"s\",\"message\":\"second\",\"model\":\"paced\"}");
    assertThat(modelServer.seen.get(2).path("messages").findValuesAsText("content"))
        .containsExactly("first", Upstream.answerTo("first"), "second");
    assertThat(operator.getJson("/api/sessions/s").path("turns")).hasSize(2);
  }

  private HttpResponse<String> post(String path, String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + path))
                .header("Content-Type", "application/json")
                .header("x-request-id", "my-request")
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  private Settings settings(Role role, Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", "4");
    env.put("CLUSTER_NAME", "request-path-" + clusterPort);
    env.put("DATA_DIR", folder.resolve(role.name()).toString());
    return Settings.load(role, env, folder);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
