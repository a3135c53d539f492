package io.muster.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.identity.KeyProof;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.link.SocketLink;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole worker that is no member of a cluster, against a hub's end that is made up. */
class SocketWorkerIT {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final FakeHub hub = new FakeHub();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private Worker worker;

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      worker.stop().await(20, TimeUnit.SECONDS);
    }
    hub.close();
  }

  @Test
  void provesWhoItIsAndTakesJobs() throws Exception {
    hub.listen(new HttpServerOptions());
    start("http", Map.of("ROOT_NODE_SECRET", "a secret of the fleet", "JOIN_TOKEN", "once"));
    awaitWelcome();

    JsonObject login = hub.logins.get(0);
    assertThat(login.getString("nodeId")).isEqualTo("far");
    assertThat(login.getString("type")).isEqualTo("worker");
    assertThat(login.getJsonObject("muster").getInteger("maxConcurrent")).isEqualTo(64);
    JsonObject auth = login.getJsonObject("auth");
    assertThat(auth.getString("joinToken")).isEqualTo("once");
    assertThat(auth.getString("secretProof"))
        .isEqualTo(
            KeyProof.ofSecret(
                "a secret of the fleet", "nonce-1", "far", auth.getString("publicKey")));
    assertThat(login.encode()).doesNotContain("a secret of the fleet");

    hub.tell("far", submit(1, 1_000));
    await().atMost(SOON).until(() -> hub.frames.stream().anyMatch(Frame.Done.class::isInstance));
    assertThat(hub.deltas()).isPositive();
    await().atMost(SOON).until(() -> hub.heard.stream().anyMatch(SocketWorkerIT::isHeartbeat));
    assertThat(worker.hubs()).extracting("id").containsExactly(FakeHub.ID);
  }

  @Test
  void sendsNoMoreThanItHasCreditForAndStopsWhenTold() throws Exception {
    hub.listen(new HttpServerOptions());
    start("ws", Map.of("DEMO_TOKEN_DELAY_MS", "5"));
    awaitWelcome();

    hub.tell("far", submit(1, 3));
    await().atMost(SOON).until(() -> hub.deltas() >= 3);
    await().during(Duration.ofMillis(300)).until(() -> hub.deltas() == 3);
    hub.tell("far", new JobMessage.Credit(FakeHub.ID, 1, 2));
    await().atMost(SOON).until(() -> hub.deltas() == 5);
    hub.tell("far", new JobMessage.Cancel(FakeHub.ID, 1, "enough"));
    await().atMost(SOON).until(() -> lastStats().cancelled() == 1 && lastStats().active() == 0);
  }

  @Test
  void isBackByItselfWhenTheHubIs() throws Exception {
    hub.listen(new HttpServerOptions());
    start("http", Map.of("DEMO_TOKEN_DELAY_MS", "50"));
    awaitWelcome();
    hub.tell("far", submit(1, 1_000));
    await().atMost(SOON).until(() -> hub.deltas() > 0);

    hub.stop();
    await().atMost(SOON).until(() -> worker.hubs().isEmpty());
    hub.heard.clear();
    hub.frames.clear();
    hub.listen(new HttpServerOptions());
    awaitWelcome();
    assertThat(hub.logins).hasSizeGreaterThan(1);
    await().atMost(SOON).until(() -> lastStats() != null && lastStats().cancelled() == 1);
    hub.tell("far", submit(2, 1_000));
    await().atMost(SOON).until(() -> hub.frames.stream().anyMatch(frame -> frame.ticket() == 2));
    assertThat(refusals).isEmpty();
  }

  @Test
  void tellsAHubThatIsBackAtOnceWhatItLost() throws Exception {
    hub.listen(new HttpServerOptions());
    start("http", Map.of("DEMO_TOKEN_DELAY_MS", "50"));
    awaitWelcome();
    hub.tell("far", submit(1, 1_000));
    await().atMost(SOON).until(() -> hub.deltas() > 0);
    hub.cut();
    await().atMost(SOON).until(() -> hub.frames.stream().anyMatch(Frame.Failed.class::isInstance));
  }

  @Test
  void waitsForAHubThatIsAway() throws Exception {
    hub.listen(new HttpServerOptions());
    hub.stop();
    start("http", Map.of());
    hub.refusal = "too many at once";
    hub.refusedForNow = true;
    hub.listen(new HttpServerOptions());
    await().atMost(SOON).until(() -> hub.logins.size() > 1);
    hub.refusal = null;
    hub.refusedForNow = false;
    awaitWelcome();
    assertThat(refusals).isEmpty();
  }

  @Test
  void endsWhenItIsRefused() throws Exception {
    hub.refusal = "the join token has expired: make another with scripts/join";
    hub.listen(new HttpServerOptions());
    start("http", Map.of());
    await().atMost(SOON).until(() -> !refusals.isEmpty());
    assertThat(refusals).containsExactly(hub.refusal);
  }

  @Test
  void noticesAHubThatSaysNothing() throws Exception {
    hub.mute = true;
    hub.listen(new HttpServerOptions());
    start("http", Map.of("SOCKET_CONNECT_TIMEOUT_MS", "300"));
    hub.mute = false;
    awaitWelcome();
  }

  @Test
  void trustsOnlyTheCaThatItIsGivenAndTheNameThatItAskedFor() throws Exception {
    Path key = folder.resolve("key.pem");
    Path cert = folder.resolve("cert.pem");
    certificate(key, cert);
    HttpServerOptions tls =
        new HttpServerOptions()
            .setSsl(true)
            .setKeyCertOptions(
                new PemKeyCertOptions().addKeyPath(key.toString()).addCertPath(cert.toString()));
    hub.listen(tls);
    start("https", Map.of("ROOT_NODE_CA", cert.toString()));
    awaitWelcome();
    worker.stop().await(20, TimeUnit.SECONDS);

    hub.heard.clear();
    hub.logins.clear();
    // The certificate is for localhost, and nobody vouches for it but itself.
    start("https://127.0.0.1", Map.of("ROOT_NODE_CA", cert.toString()));
    await().during(Duration.ofSeconds(1)).until(hub.logins::isEmpty);
    worker.stop().await(20, TimeUnit.SECONDS);
    start("https", Map.of());
    await().during(Duration.ofSeconds(1)).until(hub.logins::isEmpty);
  }

  @Test
  void joinsAsTheSettingsSay() {
    assertThat(isSocket(Map.of("ROOT_NODE_URL", "https://hub.example"))).isTrue();
    assertThat(isSocket(Map.of("ROOT_NODE_URL", "http://h", "CLUSTER_MEMBERS", "a"))).isFalse();
    assertThat(isSocket(Map.of("ROOT_NODE_URL", "http://h", "NODE_LINK", "cluster"))).isFalse();
    assertThat(
            isSocket(
                Map.of("ROOT_NODE_URL", "http://h", "CLUSTER_MEMBERS", "a", "NODE_LINK", "socket")))
        .isTrue();
    assertThat(isSocket(Map.of())).isFalse();
    assertThatThrownBy(() -> isSocket(Map.of("NODE_LINK", "socket")))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("ROOT_NODE_URL");
  }

  private boolean isSocket(Map<String, String> env) {
    return SocketLink.isWanted(Settings.load(Role.WORKER, env, folder));
  }

  private void start(String scheme, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>();
    String url = scheme.contains("://") ? scheme : scheme + "://localhost";
    env.put("ROOT_NODE_URL", url + ":" + hub.port());
    env.put("WORKER_ID", "far");
    env.put("WORKER_PORT", "0");
    env.put("DATA_DIR", folder.resolve("data").toString());
    env.put("DEMO_MODEL", "on");
    env.put("OLLAMA_DETECT", "false");
    env.put("HEARTBEAT_INTERVAL_MS", "100");
    env.put("SOCKET_RETRY_MIN_MS", "50");
    env.put("SOCKET_RETRY_MAX_MS", "200");
    env.putAll(more);
    Settings settings = Settings.load(Role.WORKER, env, folder);
    Future<Worker> starting = Worker.start(settings, refusals::add);
    worker = starting.await(30, TimeUnit.SECONDS);
  }

  private void awaitWelcome() {
    await().atMost(SOON).until(() -> worker.hubs().size() == 1);
  }

  private NodeStats lastStats() {
    NodeStats last = null;
    for (NodeMessage message : hub.heard) {
      if (message instanceof NodeMessage.Heartbeat heartbeat) {
        last = heartbeat.stats();
      }
    }
    return last;
  }

  private static boolean isHeartbeat(NodeMessage message) {
    return message instanceof NodeMessage.Heartbeat;
  }

  private static JobMessage.Submit submit(long ticket, int credit) {
    String body =
        "{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":"
            + "\"Repeat: one two three four five six seven eight nine ten eleven twelve\"}]}";
    Job job =
        new Job(
            "job-" + ticket,
            "request-" + ticket,
            Job.Kind.CHAT,
            "demo",
            true,
            null,
            5,
            60_000,
            body.getBytes(StandardCharsets.UTF_8));
    return new JobMessage.Submit(FakeHub.ID, ticket, credit, job);
  }

  private static void certificate(Path key, Path cert) throws Exception {
    Process openssl =
        new ProcessBuilder(
                ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
                        + " -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "
                        + key
                        + " -out "
                        + cert)
                    .split(" "))
            .redirectErrorStream(true)
            .start();
    assertThat(openssl.waitFor()).as(() -> "openssl").isZero();
    assertThat(Files.exists(cert)).isTrue();
  }
}
