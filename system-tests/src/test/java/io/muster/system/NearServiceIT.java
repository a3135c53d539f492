package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.Hub;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.Worker;
import io.vertx.core.Future;
import java.io.InputStream;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A worker at a socket that serves clients near it: from its demo model, from the fleet, whose only
 * other worker has a model server, and from its own while no hub is there.
 */
class NearServiceIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(6);
  private final int hubPort = FreePorts.one();
  private final int nearPort = FreePorts.one();
  private final Upstream modelServer = new Upstream();
  private final HubClient operator = new HubClient("http://127.0.0.1:" + hubPort);
  private final HubClient near = new HubClient("http://127.0.0.1:" + nearPort);
  private Hub hub;
  private Worker nearby;
  private Worker far;

  @BeforeEach
  void start() throws Exception {
    near.key("near-key");
    startHub();
    far =
        worker(
            "far", Map.of("OPENAI_BASE_URL", modelServer.url(), "ROOT_NODE_URL", operator.url()));
    nearby =
        worker(
            "near",
            Map.of(
                "ROOT_NODE_URL",
                operator.url(),
                "DEMO_MODEL",
                "on",
                "EDGE",
                "true",
                "EDGE_PORT",
                String.valueOf(nearPort),
                "EDGE_API_KEYS",
                "near-key"));
    awaitOnline("far");
    awaitOnline("near");
  }

  @AfterEach
  void stop() throws Exception {
    done(nearby.stop());
    done(far.stop());
    if (hub != null) {
      done(hub.stop());
    }
    modelServer.close();
    Fleet.delete(folder);
  }

  @Test
  void answersFromItsOwnAndFromTheFleetAndWithoutAHub() throws Exception {
    near.key("wrong");
    assertThat(near.get("/v1/models").statusCode()).isEqualTo(401);
    near.key("near-key");
    // Its own first, then the fleet's as its hub says some seconds later.
    await().atMost(SOON).until(() -> modelIds().contains("paced"));
    assertThat(modelIds()).startsWith("demo").doesNotHaveDuplicates();

    // Its own: the hub hears nothing of it.
    JsonNode own = chat("{\"session_id\":\"s\",\"message\":\"My name is Ann.\"}");
    assertThat(own.path("worker_id").asText()).isEqualTo("near");

    // The fleet's, whole and streamed.
    HttpResponse<String> whole = near.post("/v1/chat/completions", request("paced", false));
    assertThat(HubClient.parse(whole.body()).at("/choices/0/message/content").asText())
        .isEqualTo(Upstream.answerTo("hi"));
    HttpResponse<String> stream = near.post("/v1/chat/completions", request("paced", true));
    assertThat(stream.body()).endsWith("data: [DONE]\n\n");
    assertThat(near.post("/v1/chat/completions", request("nobody-has-it", false)).statusCode())
        .isEqualTo(404);

    // A client that goes is felt by the model server behind the other worker.
    HttpResponse<InputStream> endless = open(request("endless", true));
    assertThat(endless.body().read()).isPositive();
    endless.body().close();
    await().atMost(SOON).until(() -> modelServer.aborted.contains("endless"));

    done(hub.stop());
    hub = null;
    // Its own goes on, and remembers; what only the fleet has is a matter of waiting.
    JsonNode alone = chat("{\"session_id\":\"s\",\"message\":\"What is my name?\"}");
    assertThat(alone.path("response").asText()).contains("Ann");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              HttpResponse<String> away =
                  near.post("/v1/chat/completions", request("paced", false));
              assertThat(away.statusCode()).as(away.body()).isEqualTo(503);
              assertThat(away.body()).contains("no hub");
            });
    await().atMost(SOON).until(() -> modelIds().equals(List.of("demo")));

    startHub();
    awaitOnline("far");
    await()
        .atMost(SOON)
        .until(
            () -> near.post("/v1/chat/completions", request("paced", false)).statusCode() == 200);
  }

  @Test
  void aStreamOfItsOwnOutlivesTheHub() throws Exception {
    done(nearby.stop());
    nearby =
        worker(
            "near",
            Map.of(
                "ROOT_NODE_URL",
                operator.url(),
                "OPENAI_BASE_URL",
                modelServer.url(),
                "EDGE",
                "true",
                "EDGE_PORT",
                String.valueOf(nearPort),
                "EDGE_API_KEYS",
                "near-key"));
    awaitOnline("near");
    HttpResponse<InputStream> stream = open(request("paced", true));
    assertThat(stream.body().read()).isPositive();
    done(hub.stop());
    hub = null;
    assertThat(new String(stream.body().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
        .endsWith("data: [DONE]\n\n");
  }

  private List<String> modelIds() {
    return near.getJson("/v1/models").findValuesAsText("id");
  }

  private JsonNode chat(String body) {
    HttpResponse<String> response = near.post("/api/chat", body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return HubClient.parse(response.body());
  }

  private static String request(String model, boolean stream) {
    return "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
        .formatted(model, stream);
  }

  private HttpResponse<InputStream> open(String body) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(near.url() + "/v1/chat/completions"))
                .version(HttpClient.Version.HTTP_1_1)
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer near-key")
                .timeout(SOON)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
  }

  private void startHub() throws Exception {
    Map<String, String> env = new HashMap<>();
    env.put("ROOT_NODE_PORT", String.valueOf(hubPort));
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", "6");
    env.put("CLUSTER_NAME", "near-" + clusterPort);
    env.put("DATA_DIR", folder.resolve("hub").toString());
    hub = done(Hub.start(Settings.load(Role.HUB, env, folder)));
  }

  private Worker worker(String id, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>(more);
    env.put("WORKER_PORT", "0");
    env.put("WORKER_ID", id);
    env.put("OLLAMA_DETECT", "false");
    env.put("DATA_DIR", folder.resolve(id).toString());
    return done(Worker.start(Settings.load(Role.WORKER, env, folder), refusal -> {}));
  }

  private void awaitOnline(String id) {
    await().atMost(SOON).until(() -> operator.status(id), "online"::equals);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
