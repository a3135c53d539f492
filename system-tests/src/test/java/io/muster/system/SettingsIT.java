package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the processes make of their settings: wrong ones, unsafe ones and secret ones. */
class SettingsIT {
  private static final List<String> SECRETS =
      List.of(
          "client-key-7f3a", "Gq8-node-secret-51dc9e07", "metrics-token-c41b", "sk-upstream-9d");

  @RegisterExtension final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void wrongSettingsAreAllNamedAndEndTheProcess() {
    String told =
        refused(
            Jars.HUB,
            Map.of("ROOT_NODE_PORT", "70000", "LOAD_BALANCE_STRATEGY", "fair", "DEBUG", "perhaps"));

    assertThat(told.lines())
        .containsExactlyInAnyOrder(
            "ROOT_NODE_PORT=70000 (environment): must be a whole number from 0 to 65535",
            "LOAD_BALANCE_STRATEGY=fair (environment): must be one of least-connections,"
                + " round-robin, random, power-of-two, session",
            "DEBUG=perhaps (environment): must be true or false");
  }

  @Test
  void aWorkerNamesWhatIsWrongToo() {
    assertThat(refused(Jars.WORKER, Map.of("DEMO_TOKEN_DELAY_MS", "-1", "OPENAI_BASE_URL", "here")))
        .contains("DEMO_TOKEN_DELAY_MS=-1 (environment): must be a whole number from 0 to 60000")
        .contains("OPENAI_BASE_URL=here (environment): must be a URL with http or https");
  }

  @Test
  void anUnknownNameInAFileIsAnErrorThatNamesTheNearest() throws Exception {
    Path conf = Files.createDirectory(fleet.folder().resolve("conf"));
    Files.writeString(conf.resolve("default.json"), "{\"ROOT_NODE_PROT\": 3000}");

    assertThat(refused(Jars.HUB, Map.of()))
        .contains("there is no setting ROOT_NODE_PROT (did you mean ROOT_NODE_PORT?)");
  }

  @Test
  void offLoopbackNothingStartsWithoutWhatProtectsIt() {
    assertThat(refused(Jars.HUB, Map.of("ROOT_NODE_HOST", "0.0.0.0", "ROOT_NODE_SECRET", "secret")))
        .contains("API_KEYS", "ROOT_NODE_SECRET", "openssl rand")
        .doesNotContain("Exception");
    assertThat(refused(Jars.WORKER, Map.of("CLUSTER_HOST", "192.0.2.1")))
        .contains("BUS_TLS_CA, BUS_TLS_CERT, BUS_TLS_KEY", "scripts/keys");
  }

  @Test
  void aWrongSettingOfOneOfItsPartsEndsAWorker() {
    assertThat(refused(Jars.WORKER, Map.of("MCP_SERVERS", "nameless"))).contains("MCP_SERVERS");
    assertThat(refused(Jars.WORKER, Map.of("TUNNELS", "nonsense", "FRP_SERVER", "127.0.0.1:1")))
        .contains("TUNNELS");
  }

  @Test
  void secretsAreNeitherShownNorLogged() {
    fleet
        .hubWith("API_KEYS", SECRETS.get(0))
        .hubWith("ROOT_NODE_SECRET", SECRETS.get(1))
        .hubWith("METRICS_TOKEN", SECRETS.get(2))
        .hubWith("LOG_LEVEL", "trace")
        .hubWith("ACCESS_LOG", "true")
        .startHub();
    int port = FreePorts.one();
    try (Upstream upstream = new Upstream()) {
      fleet.startWorkers(
          Map.of(
              "OPENAI_API_KEY",
              SECRETS.get(3),
              "OPENAI_BASE_URL",
              upstream.url(),
              "ROOT_NODE_SECRET",
              SECRETS.get(1),
              "METRICS_TOKEN",
              SECRETS.get(2),
              "WORKER_PORT",
              String.valueOf(port),
              "LOG_LEVEL",
              "trace",
              "ACCESS_LOG",
              "true"),
          "worker");
      assertThat(
              fleet
                  .hub()
                  .post("/api/chat", "{\"message\":\"hi\",\"model\":\"paced\"}")
                  .statusCode())
          .isEqualTo(200);
      assertThat(upstream.authorizations).contains("Bearer " + SECRETS.get(3));
    }

    JsonNode hubInfo = fleet.hub().getJson("/info");
    JsonNode workerInfo = new HubClient("http://127.0.0.1:" + port).getJson("/info");
    assertThat(hubInfo.path("settings").toString()).contains("API_KEYS", "***");
    Map<String, String> shown = new HashMap<>();
    shown.put("the hub's /info", hubInfo.toString());
    shown.put("the worker's /info", workerInfo.toString());
    shown.put("/api/workers", fleet.hub().getJson("/api/workers").toString());
    shown.put("/metrics", fleet.hub().get("/metrics").body());
    for (String name : List.of("hub", "worker")) {
      shown.put("the log of " + name, fleet.logOf(name));
      shown.put("the output of " + name, fleet.program(name).output());
    }
    assertThat(fleet.logOf("hub")).contains("POST /api/chat 200");
    assertThat(fleet.logOf("worker")).contains("paced");
    shown.forEach((where, text) -> assertThat(text).as(where).doesNotContain(SECRETS));
  }

  private String refused(Path jar, Map<String, String> settings) {
    Map<String, String> env = fleet.hubEnv();
    env.remove("ROOT_NODE_PORT");
    env.putAll(settings);
    Path log = fleet.folder().resolve("refused-" + FreePorts.one() + ".out");
    Program program = Program.start("refused", Jars.shipped(jar), fleet.folder(), log, env);
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isEqualTo(1);
    return program.output();
  }
}
