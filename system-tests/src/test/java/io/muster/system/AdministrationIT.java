package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hub that steers a worker, both as processes. */
class AdministrationIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int EXIT_RESTART = 75;

  @RegisterExtension final Fleet fleet = new Fleet();
  private final HttpClient client = HttpClient.newHttpClient();
  private String token;

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void aWorkerIsSteeredFromAfar() throws Exception {
    fleet.startHub();
    Path file = fleet.folder().resolve("hub/data/admin-password");
    await().atMost(SOON).until(() -> Files.exists(file) && Files.size(file) > 0);
    String password = Files.readString(file).strip();
    logIn(password);
    assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
    assertThat(fleet.logOf("hub")).contains(file.toString()).doesNotContain(password);
    fleet.startWorkers(
        Map.of(
            "OPENAI_API_KEY",
            "sk-of-the-worker",
            "DEMO_MODEL",
            "on",
            "OPENAI_BASE_URL",
            "http://127.0.0.1:9"),
        "w1");

    // Drained, it gets nothing; also of a hub that was started anew.
    assertThat(call("POST", "/nodes/w1/drain", null).path("nodeTold").asBoolean()).isTrue();
    await().atMost(SOON).until(() -> !chat());
    fleet.program("hub").kill();
    fleet.startHub();
    logIn(password);
    fleet.awaitOnline("w1");
    assertThat(call("GET", "/nodes/w1", null).at("/node/drainedBy").asText()).isEqualTo("admin");
    call("POST", "/nodes/w1/resume", null);
    await().atMost(SOON).until(this::chat);

    // Settings hold at once, a wrong one leaves what was there.
    JsonNode set = config("{\"LOG_LEVEL\":\"debug\",\"WORKER_MAX_CONCURRENT\":3}");
    assertThat(set.at("/nodes/0/state").asText()).isEqualTo("in_sync");
    await()
        .atMost(SOON)
        .until(
            () ->
                call("GET", "/nodes/w1", null).at("/node/config/maxConcurrentTasks").asInt() == 3);
    JsonNode wrong = config("{\"OLLAMA_URL\":\"http://127.0.0.1:9\"}");
    assertThat(wrong.at("/nodes/0/state").asText()).as(wrong.toString()).isEqualTo("rejected");
    assertThat(wrong.at("/nodes/0/reason").asText()).contains("ollama");
    assertThat(chat()).isTrue();

    JsonNode logs = call("GET", "/nodes/w1/logs?level=warn&limit=50", null).path("logs");
    assertThat(logs.findValuesAsText("message"))
        .anyMatch(line -> line.contains("does not take up"));
    assertThat(logs.toString()).doesNotContain("sk-of-the-worker");

    // The process ends as it was asked to.
    call("POST", "/nodes/w1/restart", null);
    assertThat(fleet.program("w1").awaitExit(SOON)).isEqualTo(EXIT_RESTART);
    fleet.launchWorker("w1");
    fleet.awaitOnline("w1");
    await()
        .atMost(SOON)
        .until(
            () ->
                call("GET", "/nodes/w1", null).at("/node/config/maxConcurrentTasks").asInt() == 3);
    call("POST", "/nodes/w1/unload", null);
    assertThat(fleet.program("w1").awaitExit(SOON)).isZero();
    call("DELETE", "/nodes/w1", null);
    assertThat(call("GET", "/nodes", null).path("total").asInt()).isZero();
    assertThat(call("GET", "/audit", null).path("entries").size()).isGreaterThan(7);
  }

  private void logIn(String password) throws Exception {
    token =
        call("POST", "/auth/login", "{\"username\":\"admin\",\"password\":\"" + password + "\"}")
            .path("token")
            .asText();
    assertThat(token).isNotEmpty();
  }

  private JsonNode config(String values) throws Exception {
    return call("PUT", "/config", "{\"target\":{\"nodeId\":\"w1\"},\"values\":" + values + "}");
  }

  /** Whether anybody answers now: not whether a place is free after the queue's patience. */
  private boolean chat() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(fleet.hub().url() + "/v1/chat/completions"))
            .header("content-type", "application/json")
            .header("x-timeout-ms", "1500")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
            .build();
    return client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
  }

  private JsonNode call(String method, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(fleet.hub().url() + "/api/admin" + path))
            .timeout(SOON)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return HubClient.parse(
        client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body());
  }
}
