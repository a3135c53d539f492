package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.github.dockerjava.api.model.Container;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A hub, workers by the bus and by a socket, and a real engine; all as processes. */
class ContainerFleetIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension final Fleet fleet = new Fleet();
  private final HttpClient client = HttpClient.newHttpClient();
  private PrivateEngine engine;
  private String token;

  @BeforeEach
  void start() throws Exception {
    engine = PrivateEngine.get();
    engine.removeAll();
    fleet
        .hubWith("MODEL_SERVER_LOOK_MS", "300")
        .hubWith("MODEL_SERVER_MOVE_AFTER_MS", "2000")
        .startHub();
    Path file = fleet.folder().resolve("hub/data/admin-password");
    await().atMost(SOON).until(() -> Files.exists(file) && Files.size(file) > 0);
    token =
        call(
                "POST",
                "/auth/login",
                "{\"username\":\"admin\",\"password\":\"" + Files.readString(file).strip() + "\"}")
            .path("token")
            .asText();
  }

  @AfterEach
  void close() {
    fleet.close();
    if (engine != null) {
      engine.removeAll();
    }
  }

  private Map<String, String> worker(String gpus, boolean bySocket) {
    Map<String, String> env = new HashMap<>();
    env.put("ENABLE_CONTAINERS", "true");
    env.put("CONTAINER_ENGINE", engine.host());
    env.put("CONTAINER_NETWORK", PrivateEngine.NETWORK);
    env.put("CONTAINER_GPUS", gpus);
    env.put("CONTAINER_LOOK_MS", "500");
    env.put("CONTAINER_RESTART_BASE_MS", "100");
    env.put("MODEL_SERVER_HEALTH_MS", "200");
    env.put("DEMO_MODEL", "off");
    env.put("NODE_API_LISTEN", "127.0.0.1:0");
    if (bySocket) {
      env.put("ROOT_NODE_URL", "ws://127.0.0.1:" + fleet.hub().port());
    }
    return env;
  }

  @Test
  void aModelServerIsServedStartedAgainMovedAndTakenAway() throws Exception {
    fleet.startWorkers(worker("0", false), "by-bus");
    fleet.startWorkers(worker("1", true), "by-socket");
    JsonNode deployed =
        call(
            "POST",
            "/model-servers",
            """
            {"name":"little","image":"%s","command":["nc","-ll","-p","8000","-e","/srv/openai"],
             "env_vars":["MODEL=small","KEY=hidden"],"port":8000,"health_path":"/health","gpus":1,
             "start_timeout_s":20}
            """
                .formatted(PrivateEngine.IMAGE));
    assertThat(deployed.at("/modelServer/name").asText()).as("%s", deployed).isEqualTo("little");
    awaitServed();
    assertThat(chat()).contains("hello from");
    JsonNode shown = call("GET", "/model-servers/little", null).path("modelServer");
    assertThat(shown.path("state").asText()).isEqualTo("healthy");
    assertThat(shown.toString()).contains("KEY").doesNotContain("hidden");
    String home = shown.path("node_id").asText();

    // Its container dies: it is started again where it is.
    engine.kill(shown.at("/container/container_id").asText());
    await()
        .atMost(SOON)
        .until(
            () ->
                call("GET", "/model-servers/little", null)
                        .at("/modelServer/container/restarts")
                        .asInt()
                    > 0);
    awaitServed();

    // Its node dies: it moves to the other one.
    fleet.program(home).kill();
    await()
        .atMost(SOON)
        .until(
            () -> {
              JsonNode now = call("GET", "/model-servers/little", null).path("modelServer");
              return !now.path("node_id").asText().equals(home)
                  && now.path("state").asText().equals("healthy");
            });
    awaitServed();
    assertThat(engine.containers()).hasSize(2);

    // The old node comes back, and is told to remove what is elsewhere by now.
    fleet.launchWorker(home);
    fleet.awaitOnline(home);
    await().atMost(SOON).until(() -> engine.containersOf(home).isEmpty());
    assertThat(engine.containers()).hasSize(1);
    assertThat(chat()).contains("hello from");

    call("DELETE", "/model-servers/little", null);
    await().atMost(SOON).until(() -> engine.containers().isEmpty());
    await().atMost(SOON).until(() -> !models().contains("small"));
  }

  @Test
  void aNodeThatIsKilledLosesNoClaimAndLeavesNoOrphan() throws Exception {
    fleet.startWorkers(worker("none", false), "w1");
    for (int i = 0; i < 3; i++) {
      JsonNode made = place("kept-" + i);
      assertThat(made.at("/container/state").asText()).as("%s", made).isEqualTo("running");
    }
    Set<String> before = ids();

    // Killed while it makes more.
    List<CompletableFuture<JsonNode>> making = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String claim = "late-" + i;
      making.add(CompletableFuture.supplyAsync(() -> placing(claim)));
    }
    await().atMost(SOON).until(() -> engine.containersOf("w1").size() > 4);
    fleet.program("w1").kill();
    CompletableFuture.allOf(making.toArray(CompletableFuture[]::new)).join();
    Set<String> acknowledged =
        making.stream()
            .map(CompletableFuture::join)
            .filter(answer -> answer.path("success").asBoolean())
            .map(answer -> answer.at("/container/claim_id").asText())
            .collect(Collectors.toSet());

    fleet.launchWorker("w1");
    fleet.awaitOnline("w1");
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              Map<String, String> listed = claims();
              assertThat(listed.keySet()).contains("kept-0", "kept-1", "kept-2");
              assertThat(listed.keySet()).containsAll(acknowledged);
              assertThat(listed.values()).containsOnly("running");
              List<Container> there = engine.containersOf("w1");
              assertThat(there).hasSameSizeAs(listed.keySet());
              there.forEach(
                  each -> assertThat(listed).containsKey(each.getLabels().get("io.muster.claim")));
            });
    // What ran was not touched.
    assertThat(ids()).containsAll(before);
    // Asked for again, each claim is what it was.
    for (int i = 0; i < 6; i++) {
      assertThat(place("late-" + i).path("success").asBoolean()).isTrue();
    }
    assertThat(engine.containersOf("w1")).hasSize(9);

    // Its output, through the hub.
    String logs = raw("GET", "/nodes/w1/containers/kept-0/logs?follow=false", null).body();
    assertThat(logs).contains("event: state").contains("event: log").contains("up-kept-0");
    for (String claim : claims().keySet()) {
      call("DELETE", "/nodes/w1/containers/" + claim + "?grace=0", null);
    }
    assertThat(engine.containersOf("w1")).isEmpty();
  }

  private Map<String, String> claims() throws Exception {
    Map<String, String> claims = new HashMap<>();
    call("GET", "/nodes/w1/containers", null)
        .path("containers")
        .forEach(each -> claims.put(each.path("claim_id").asText(), each.path("state").asText()));
    return claims;
  }

  private Set<String> ids() {
    return engine.containersOf("w1").stream().map(Container::getId).collect(Collectors.toSet());
  }

  private JsonNode placing(String claim) {
    try {
      return place(claim);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonNode place(String claim) throws Exception {
    return call(
        "POST",
        "/containers",
        """
        {"claim_id":"%s","image":"%s","command":["/bin/sh","-c","echo up-%s; exec sleep 1000"]}
        """
            .formatted(claim, PrivateEngine.IMAGE, claim));
  }

  private void awaitServed() {
    await().atMost(SOON).until(() -> models().contains("small"));
    await().atMost(SOON).until(() -> chat().contains("hello from"));
  }

  private String models() {
    return fleet.hub().get("/v1/models").body();
  }

  private String chat() {
    return fleet
        .hub()
        .post(
            "/v1/chat/completions",
            "{\"model\":\"small\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
        .body();
  }

  private JsonNode call(String method, String path, String body) throws Exception {
    return HubClient.parse(raw(method, path, body).body());
  }

  private HttpResponse<String> raw(String method, String path, String body) throws Exception {
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
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
