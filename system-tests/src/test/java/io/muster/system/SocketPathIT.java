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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A hub and a worker that knows no more of it than its URL: what a clustered worker does, it does.
 */
class SocketPathIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(4);
  private final int hubPort = FreePorts.one();
  private final Upstream modelServer = new Upstream();
  private final HubClient operator = new HubClient("http://127.0.0.1:" + hubPort);
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private Hub hub;
  private Worker worker;

  @BeforeEach
  void start() throws Exception {
    startHub();
    Map<String, String> env = new HashMap<>();
    env.put("ROOT_NODE_URL", "ws://127.0.0.1:" + hubPort);
    env.put("WORKER_PORT", "0");
    env.put("WORKER_ID", "far");
    env.put("OPENAI_BASE_URL", modelServer.url());
    env.put("OLLAMA_DETECT", "false");
    env.put("DATA_DIR", folder.resolve("worker").toString());
    worker = done(Worker.start(Settings.load(Role.WORKER, env, folder), refusals::add));
    awaitOnline();
  }

  @AfterEach
  void stop() throws Exception {
    done(worker.stop());
    done(hub.stop());
    modelServer.close();
    Fleet.delete(folder);
  }

  @Test
  void answersInOnePieceAndInMany() throws Exception {
    HttpResponse<String> whole = send(chat("paced", "hello", false));
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(HubClient.parse(whole.body()).at("/choices/0/message/content").asText())
        .isEqualTo(Upstream.answerTo("hello"));
    assertThat(whole.headers().firstValue("x-worker-id")).hasValue("far");

    HttpResponse<String> stream = send(chat("paced", "hello", true));
    assertThat(text(stream.body())).isEqualTo(Upstream.answerTo("hello"));
    assertThat(stream.body()).endsWith("data: [DONE]\n\n");

    // Its heartbeats carry its figures, its registration what it is.
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              JsonNode node = operator.getJson("/api/workers/far");
              assertThat(node.findValuesAsText("id")).containsAll(Upstream.MODELS);
            });
    assertThat(operator.getJson("/api/metrics").at("/workers/0/requests").asInt()).isEqualTo(2);
  }

  @Test
  void bigBodiesPass() throws Exception {
    String big = "word ".repeat(600_000);
    HttpResponse<String> whole = send(chat("paced", big, false));
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(HubClient.parse(whole.body()).at("/choices/0/message/content").asText())
        .isEqualTo(Upstream.answerTo(big));
  }

  @Test
  void aClientThatGoesEndsTheProvidersWork() throws Exception {
    HttpResponse<InputStream> endless =
        HttpClient.newHttpClient()
            .send(chat("endless", "hello", true), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(endless.body().read()).isPositive();
    endless.body().close();
    await().atMost(SOON).until(() -> modelServer.aborted.contains("endless"));
  }

  @Test
  void isBackByItselfWhenTheHubIs() throws Exception {
    done(hub.stop());
    startHub();
    awaitOnline();
    assertThat(send(chat("paced", "again", false)).statusCode()).isEqualTo(200);
    assertThat(operator.getJson("/api/workers").findValuesAsText("id")).contains("far");
    assertThat(refusals).isEmpty();
  }

  @Test
  void aHubThatStopsFinishesWhatItHasBegun() throws Exception {
    var answer =
        HttpClient.newHttpClient()
            .sendAsync(chat("paced", "hello", true), HttpResponse.BodyHandlers.ofString());
    await().atMost(SOON).until(() -> !modelServer.seen.isEmpty());
    long asked = System.nanoTime();
    done(hub.stop());
    assertThat(text(answer.join().body())).isEqualTo(Upstream.answerTo("hello"));
    assertThat(Trial.millisSince(asked)).as("ms of stopping").isLessThan(15_000);
    startHub();
  }

  private void startHub() throws Exception {
    Map<String, String> env = new HashMap<>();
    env.put("ROOT_NODE_PORT", String.valueOf(hubPort));
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", "4");
    env.put("CLUSTER_NAME", "socket-path-" + clusterPort);
    env.put("DATA_DIR", folder.resolve("hub").toString());
    hub = done(Hub.start(Settings.load(Role.HUB, env, folder)));
  }

  private void awaitOnline() {
    await().atMost(SOON).until(() -> operator.status("far"), "online"::equals);
  }

  private HttpRequest chat(String model, String message, boolean stream) {
    var body = HubClient.JSON.createObjectNode().put("model", model).put("stream", stream);
    body.putArray("messages").addObject().put("role", "user").put("content", message);
    return HttpRequest.newBuilder(URI.create(operator.url() + "/v1/chat/completions"))
        .version(HttpClient.Version.HTTP_1_1)
        .header("Content-Type", "application/json")
        .timeout(Duration.ofSeconds(60))
        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
        .build();
  }

  private static HttpResponse<String> send(HttpRequest request) throws Exception {
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static String text(String events) {
    return events
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> HubClient.parse(line.substring(6)))
        .map(chunk -> chunk.at("/choices/0/delta/content").asText(""))
        .collect(Collectors.joining());
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
