package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.storage.PrivatePostgres;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two hubs of one PostgreSQL, as processes; workers at the socket of one or the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoHubsIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PASSWORD = "the password of two hubs";
  private static final String LIMITED = "key-of-a-limited-caller";
  private static final String FREE = "key-of-a-free-caller";
  private static final int CLUSTER_PORTS = 6;

  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(CLUSTER_PORTS);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Map<String, Program> programs = new LinkedHashMap<>();
  private final HubClient one = new HubClient("http://127.0.0.1:" + FreePorts.one());
  private final HubClient two = new HubClient("http://127.0.0.1:" + FreePorts.one());
  private PrivatePostgres postgres;
  private String token;

  @RegisterExtension
  final AfterTestExecutionCallback logs =
      context -> {
        if (context.getExecutionException().isPresent()) {
          programs.values().forEach(program -> System.err.println(program.tail()));
        }
      };

  @BeforeAll
  void start() throws Exception {
    postgres = PrivatePostgres.start();
    one.key(FREE);
    two.key(FREE);
    hub("one", one);
    hub("two", two);
    JsonNode login =
        HubClient.parse(
            one.post(
                    "/api/admin/auth/login",
                    "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}")
                .body());
    token = login.path("token").asText();
  }

  @AfterAll
  void stop() {
    programs.values().forEach(Program::close);
    if (postgres != null) {
      postgres.close();
    }
    Fleet.delete(folder);
  }

  @Test
  void aTaskOfOneHubIsRunByANodeOfTheOther() {
    worker("tasks", two.url());
    JsonNode task =
        HubClient.parse(
            one.post("/api/tasks?wait=30000", echo("tasks", "{\"toolArgs\":{\"a\":1},")).body());
    assertThat(task.path("status").asText()).as(task.toString()).isEqualTo("completed");
    assertThat(task.path("assignedNodeId").asText()).isEqualTo("tasks");
    String path = "/api/tasks/" + task.path("taskId").asText();
    for (HubClient hub : List.of(one, two)) {
      assertThat(hub.getJson(path + "?wait=10000").at("/result/a").asInt()).isEqualTo(1);
    }
  }

  @Test
  void bothTellWhatHappens() throws Exception {
    try (Telling first = new Telling(one, "node_registered");
        Telling second = new Telling(two, "node_registered")) {
      worker("told", two.url());
      await().atMost(SOON).until(() -> first.idOf("told") != null && second.idOf("told") != null);
      assertThat(first.idOf("told")).isEqualTo(second.idOf("told"));
    }
  }

  @Test
  void revokedAtOneItIsCutOffAtTheOther() throws Exception {
    Program worker = worker("revoked", two.url());
    assertThat(admin(one, "POST", "/nodes/revoked/revoke", "").statusCode()).isEqualTo(200);
    assertThat(worker.awaitExit(SOON)).isNotZero();
    for (HubClient hub : List.of(one, two)) {
      await().atMost(SOON).until(() -> hub.status("revoked"), "offline"::equals);
    }
    Program again = launch("revoked", one.url());
    assertThat(again.awaitExit(SOON)).isNotZero();
    assertThat(again.tail()).contains("revoked");
  }

  @Test
  void aQuotaIsRightAcrossBoth() throws Exception {
    worker("asked", one.url());
    admin(one, "PUT", "/quotas/key/key-1", "{\"maxRequestsPerMinute\":5,\"burstMultiplier\":1}");
    await()
        .atMost(SOON)
        .until(() -> admin(two, "GET", "/quotas/key/key-1", null).body().contains(":5"));
    List<CompletableFuture<HttpResponse<String>>> asked = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      HubClient hub = i % 2 == 0 ? one : two;
      asked.add(
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(hub.url() + "/v1/chat/completions"))
                  .header("Authorization", "Bearer " + LIMITED)
                  .header("Content-Type", "application/json")
                  .timeout(SOON)
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    Map<Integer, Integer> answers = new HashMap<>();
    for (CompletableFuture<HttpResponse<String>> answer : asked) {
      answers.merge(answer.get().statusCode(), 1, Integer::sum);
    }
    assertThat(answers).isEqualTo(Map.of(200, 5, 429, 15));
    assertThat(counted("muster_quota_admitted_total{caller=\"key\"")).isEqualTo(5);
    assertThat(counted("muster_quota_refused_total{caller=\"key\"")).isEqualTo(15);
  }

  /** What both hubs together have counted under names that begin so. */
  private double counted(String name) {
    double sum = 0;
    for (HubClient hub : List.of(one, two)) {
      for (String line : hub.get("/metrics").body().lines().toList()) {
        if (line.startsWith(name)) {
          sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
        }
      }
    }
    return sum;
  }

  @Test
  void aNodeWhoseHubDiesIsTakenOverByTheOtherWithItsTask() throws Exception {
    try (Forwarding balancer = new Forwarding(one.port())) {
      worker("moving", "http://127.0.0.1:" + balancer.port());
      JsonNode task =
          HubClient.parse(
              one.post(
                      "/api/tasks",
                      "{\"toolName\":\"sleep\",\"toolArgs\":{\"ms\":4000},\"nodeId\":\"moving\"}")
                  .body());
      String path = "/api/tasks/" + task.path("taskId").asText();
      await().atMost(SOON).until(() -> "running".equals(two.getJson(path).path("status").asText()));

      balancer.to(two.port());
      programs.get("one").kill();
      await().atMost(SOON).until(() -> two.status("moving"), "online"::equals);
      await()
          .atMost(SOON)
          .until(() -> "completed".equals(two.getJson(path).path("status").asText()));
      JsonNode next =
          HubClient.parse(two.post("/api/tasks?wait=30000", echo("moving", "{")).body());
      assertThat(next.path("status").asText()).as(next.toString()).isEqualTo("completed");
      assertThat(admin(two, "POST", "/nodes/moving/drain", "").body())
          .contains("\"nodeTold\":true");
    }
    hub("one", one);
    await()
        .atMost(SOON)
        .until(() -> one.getJson("/api/tasks").findValuesAsText("status").size() > 1);
  }

  private static String echo(String node, String rest) {
    return rest + "\"toolName\":\"echo\",\"nodeId\":\"" + node + "\"}";
  }

  private void hub(String name, HubClient hub) {
    Map<String, String> env = common(name);
    env.put("ROOT_NODE_PORT", String.valueOf(hub.port()));
    env.put("DATABASE_URL", postgres.url());
    env.put("ADMIN_PASSWORD", PASSWORD);
    env.put("API_KEYS", LIMITED + "," + FREE);
    Program program =
        Program.start(name, Jars.shipped(Jars.HUB), folder, folder.resolve(name + ".out"), env);
    programs.put(name, program);
    try {
      Fleet.awaitReady(program, hub);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(program.tail(), e);
    }
  }

  /** A worker that both hubs know, whichever it is connected to. */
  private Program worker(String id, String url) {
    Program program = launch(id, url);
    for (HubClient hub : List.of(one, two)) {
      await(id + " online").atMost(SOON).until(() -> hub.status(id), "online"::equals);
    }
    return program;
  }

  private Program launch(String id, String url) {
    Map<String, String> env = common(id);
    env.put("WORKER_ID", id);
    env.put("WORKER_PORT", "0");
    env.put("OLLAMA_DETECT", "false");
    env.put("DEMO_MODEL", "on");
    env.put("DEMO_TOOLS", "on");
    env.put("ROOT_NODE_URL", url);
    env.put("NODE_LINK", "socket");
    Program program =
        Program.start(id, Jars.shipped(Jars.WORKER), folder, folder.resolve(id + ".out"), env);
    programs.put(id, program);
    return program;
  }

  private Map<String, String> common(String name) {
    Map<String, String> env = new HashMap<>();
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", String.valueOf(CLUSTER_PORTS));
    env.put("CLUSTER_NAME", "two-hubs-" + clusterPort);
    env.put("DATA_DIR", folder.resolve(name).resolve("data").toString());
    env.put("LOG_DIR", folder.resolve(name).resolve("logs").toString());
    return env;
  }

  private HttpResponse<String> admin(HubClient hub, String method, String path, String body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(hub.url() + "/api/admin" + path))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .timeout(SOON)
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** Reads the events that a hub tells as server-sent events, on a thread of its own. */
  private final class Telling implements AutoCloseable {
    private final InputStream stream;
    private final List<String> lines = new CopyOnWriteArrayList<>();

    Telling(HubClient hub, String type) throws Exception {
      HttpResponse<InputStream> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(hub.url() + "/api/admin/events?types=" + type))
                  .header("Authorization", "Bearer " + token)
                  .header("Accept", "text/event-stream")
                  .build(),
              HttpResponse.BodyHandlers.ofInputStream());
      assertThat(answer.statusCode()).isEqualTo(200);
      stream = answer.body();
      Thread reader = new Thread(this::read, "events of " + hub.url());
      reader.setDaemon(true);
      reader.start();
    }

    private void read() {
      try (BufferedReader reader =
          new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
          lines.add(line);
        }
      } catch (IOException e) {
        lines.add("closed: " + e);
      }
    }

    /** The id of the event about this node, null before it was told. */
    String idOf(String nodeId) {
      String id = null;
      for (String line : lines) {
        if (line.startsWith("id: ")) {
          id = line;
        } else if (line.startsWith("data: ") && line.contains("\"" + nodeId + "\"")) {
          return id;
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
