package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.Refused;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.muster.tunnel.TunnelType;
import io.muster.worker.feature.NodeContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Tunnels with a process that stands in for frpc (frpc-stand-in.py: its admin interface, no
 * tunnel), and a hub that the test plays.
 */
class TunnelFeatureIT {
  private static final String TOKEN = "tok3n-{{of}}-\"frp\"";
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final Bus bus = new Bus(vertx);
  private final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
  private final Map<String, String> env = new HashMap<>();
  private volatile TunnelPlan plan = plan(tunnel("ssh", 22, 20_001));
  private TunnelFeature feature;
  private Registration address;
  private Path home;
  private Path program;

  @BeforeEach
  void prepare() throws Exception {
    home = folder.resolve("data/tunnels");
    program = folder.resolve("frpc");
    install(program);
    Logger frpc = (Logger) LoggerFactory.getLogger("frpc");
    frpc.setLevel(Level.DEBUG);
    logged.start();
    frpc.addAppender(logged);
    env.putAll(
        Map.of(
            "FRP_SERVER", "frp.example.org",
            "FRP_TOKEN", TOKEN,
            "FRPC_PATH", program.toString(),
            "DATA_DIR", folder.resolve("data").toString(),
            "TUNNEL_CHECK_MS", "50",
            "TUNNEL_SYNC_MS", "100",
            "TUNNEL_RESTART_MS", "50",
            "TUNNEL_HANG_MS", "3000",
            "TUNNEL_TRAFFIC_EVENT_MS", "100"));
    done(
        bus.<TunnelMessage, Ack>serve(
            Addresses.TUNNELS,
            message ->
                plan == null
                    ? Future.failedFuture("no hub")
                    : bus.ask(Addresses.node("w1"), plan, LIMIT)));
  }

  @AfterEach
  void stop() throws Exception {
    ((Logger) LoggerFactory.getLogger("frpc")).detachAppender(logged);
    if (feature != null) {
      done(onLoop(feature::stop));
    }
    done(vertx.close());
  }

  private static void install(Path file) throws Exception {
    try (InputStream in = TunnelFeatureIT.class.getResourceAsStream("/frpc/frpc-stand-in.py")) {
      Files.write(file, in.readAllBytes());
    }
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private void start() throws Exception {
    Settings settings = Settings.load(Role.WORKER, env, folder);
    feature =
        onLoop(
            () ->
                new TunnelFeature(
                    new NodeContext(
                        vertx,
                        bus,
                        settings,
                        "w1",
                        null,
                        null,
                        null,
                        null,
                        () -> {},
                        new Events("w1", events::add, Clock.systemUTC()),
                        Clock.systemUTC())));
    done(onLoop(feature::start));
    if (address != null) {
      done(address.close());
    }
    address = done(bus.open(Addresses.node("w1"), onLoop(feature::inbox)));
  }

  @Test
  void opensWhatTheHubPlansAndKeepsTheTokenToItself() throws Exception {
    start();
    awaitStatus("ssh", "running");

    Path config = home.resolve("frpc.toml");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
        .isEqualTo("rwx------");
    JsonObject started = starts().get(0);
    assertThat(started.getJsonArray("args").getList()).containsExactly("-c", config.toString());
    assertThat(started.getJsonArray("env").getList()).doesNotContain("FRP_TOKEN", "JAVA_HOME");
    assertThat(logged.list)
        .anyMatch(line -> line.getFormattedMessage().equals("token is ***"))
        .noneMatch(line -> line.getFormattedMessage().contains(TOKEN));
    assertThat(info().encode()).contains("frp.example.org:7000").doesNotContain("tok3n");
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(events.toString()).contains("tunnel_status_changed").doesNotContain("tok3n");
  }

  @Test
  void countsWhatPasses() throws Exception {
    try (ServerSocket service = new ServerSocket(0)) {
      plan = plan(tunnel("echo", service.getLocalPort(), 20_001));
      start();
      awaitStatus("echo", "running");
      try (Socket caller = new Socket("127.0.0.1", relayPort());
          Socket served = service.accept()) {
        OutputStream out = caller.getOutputStream();
        out.write("12345".getBytes(StandardCharsets.US_ASCII));
        assertThat(served.getInputStream().readNBytes(5)).hasSize(5);
        served.getOutputStream().write("abc".getBytes(StandardCharsets.US_ASCII));
        assertThat(caller.getInputStream().readNBytes(3)).hasSize(3);
        served.close();
        assertThat(caller.getInputStream().read()).isEqualTo(-1);
      }
      JsonObject state = tunnelInfo("echo");
      assertThat(state.getLong("bytes_in")).isEqualTo(5);
      assertThat(state.getLong("bytes_out")).isEqualTo(3);
      assertThat(state.getLong("connections")).isEqualTo(1);
      await()
          .atMost(LIMIT)
          .untilAsserted(
              () ->
                  assertThat(events)
                      .anySatisfy(
                          event -> {
                            assertThat(event.type()).isEqualTo("tunnel_traffic");
                            assertThat(event.data()).containsEntry("bytesIn", 5L);
                          }));
    }
  }

  @Test
  void takesUpWhatChangesWithoutANewProcess() throws Exception {
    start();
    awaitStatus("ssh", "running");
    plan = plan(tunnel("ssh", 22, 20_001), tunnel("web", 80, 20_002));
    awaitStatus("web", "running");
    assertThat(starts()).hasSize(1);
    plan = plan(tunnel("web", 80, 20_002));
    await().atMost(LIMIT).until(() -> tunnelInfo("ssh") == null);
    assertThat(Files.readString(home.resolve("frpc.toml"))).doesNotContain("\"ssh\"");
  }

  @Test
  void keepsWhatItHasWhereFrpcRefusesTheNext() throws Exception {
    start();
    awaitStatus("ssh", "running");
    Files.createFile(home.resolve("refuse"));
    plan = plan(tunnel("ssh", 22, 20_001), tunnel("web", 80, 20_002));
    await().atMost(LIMIT).until(() -> info().getString("refused_by_frpc") != null);
    assertThat(info().getString("refused_by_frpc")).isEqualTo("proxy name conflict, token ***");
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
    await()
        .atMost(LIMIT)
        .until(() -> !Files.readString(home.resolve("frpc.toml")).contains("\"web\""));
    assertThat(tunnelInfo("ssh").getString("status")).isEqualTo("running");
  }

  @Test
  void startsItAgainWhenItCrashes() throws Exception {
    start();
    awaitStatus("ssh", "running");
    ProcessHandle.of(starts().get(0).getLong("pid")).orElseThrow().destroyForcibly();
    await().atMost(LIMIT).until(() -> starts().size() == 2);
    awaitStatus("ssh", "running");
    assertThat(info().getInteger("restarts")).isEqualTo(1);
    assertThat(events)
        .anySatisfy(
            event -> {
              assertThat(event.type()).isEqualTo("tunnel_client_changed");
              assertThat(event.data()).containsEntry("status", "waiting");
            });
  }

  @Test
  void killsOneThatHangsAndStartsItAgain() throws Exception {
    start();
    awaitStatus("ssh", "running");
    Files.createFile(home.resolve("hang"));
    long first = starts().get(0).getLong("pid");
    await().atMost(LIMIT).until(() -> ProcessHandle.of(first).map(p -> !p.isAlive()).orElse(true));
    Files.delete(home.resolve("hang"));
    await().atMost(LIMIT).until(() -> starts().size() >= 2);
    awaitStatus("ssh", "running");
  }

  @Test
  void saysWhatFrpcSaidWhenItDoesNotStart() throws Exception {
    Files.createDirectories(home);
    Files.createFile(home.resolve("broken"));
    start();
    await().atMost(LIMIT).until(() -> info().getString("problem") != null);
    assertThat(info().getString("problem"))
        .contains("status 1")
        .contains("unknown field")
        .doesNotContain("tok3n");
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
    Files.delete(home.resolve("broken"));
    awaitStatus("ssh", "running");
  }

  @Test
  void looksAgainForAFrpcThatIsNotInstalled() throws Exception {
    Files.delete(program);
    start();
    await().atMost(LIMIT).until(() -> "missing".equals(info().getString("client")));
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(finding().reason()).contains("frpc is not installed").contains("FRPC_PATH");
    install(program);
    awaitStatus("ssh", "running");
  }

  @Test
  void endsTheOneThatALifeBeforeLeftAndOpensTheSameTunnelsWithoutAHub() throws Exception {
    start();
    awaitStatus("ssh", "running");
    long left = starts().get(0).getLong("pid");
    // As if it was killed: nothing is ended, and there is no hub this time.
    TunnelFeature killed = feature;
    plan = null;
    start();
    await().atMost(LIMIT).until(() -> ProcessHandle.of(left).map(p -> !p.isAlive()).orElse(true));
    awaitStatus("ssh", "running");
    done(onLoop(killed::stop));
  }

  @Test
  void opensNothingThatIsPlannedForAnotherServerOrSaidToBeItsOwn() throws Exception {
    start();
    awaitStatus("ssh", "running");
    Tunnel web = tunnel("web", 80, 20_002);
    TunnelPlan elsewhere =
        new TunnelPlan("other.example.org:7000", List.of(new Planned(web, true)), List.of());
    assertThatThrownBy(() -> done(bus.<Ack>ask(Addresses.node("w1"), elsewhere, LIMIT)))
        .hasMessageContaining("other.example.org:7000");
    plan =
        new TunnelPlan(
            "frp.example.org:7000",
            List.of(new Planned(tunnel("ssh", 22, 20_001), true), new Planned(web, false)),
            List.of());
    awaitStatus("web", "failed");
    assertThat(tunnelInfo("web").getString("problem")).contains("TUNNELS");
    assertThat(Files.readString(home.resolve("frpc.toml"))).doesNotContain("\"web\"");
  }

  @Test
  void masksWhatFrpcSaysOfATunnel() throws Exception {
    start();
    awaitStatus("ssh", "running");
    Files.createFile(home.resolve("unwell"));
    awaitStatus("ssh", "failed");
    assertThat(tunnelInfo("ssh").getString("problem")).isEqualTo("start error, token ***");
  }

  @Test
  void showsTheTunnelsThatGotNoPort() throws Exception {
    plan =
        new TunnelPlan(
            "frp.example.org:7000",
            List.of(new Planned(tunnel("ssh", 22, 20_001), true)),
            List.of(new Refused("ssh", "this name is taken"), new Refused("web", "no port")));
    start();
    awaitStatus("ssh", "running");
    assertThat(tunnelInfo("ssh").getString("problem")).isEqualTo("this name is taken");
    assertThat(tunnelInfo("web").getString("status")).isEqualTo("failed");
    assertThat(tunnelInfo("web").getString("problem")).isEqualTo("no port");
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
  }

  private int relayPort() throws Exception {
    String toml = Files.readString(home.resolve("frpc.toml"));
    return Integer.parseInt(toml.replaceAll("(?s).*localPort = (\\d+).*", "$1"));
  }

  private List<JsonObject> starts() throws Exception {
    return Files.readAllLines(home.resolve("started")).stream().map(JsonObject::new).toList();
  }

  private void awaitStatus(String name, String status) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              JsonObject state = tunnelInfo(name);
              return state != null && status.equals(state.getString("status"));
            });
  }

  private JsonObject tunnelInfo(String name) throws Exception {
    return info().getJsonArray("tunnels").stream()
        .map(JsonObject.class::cast)
        .filter(one -> name.equals(one.getString("name")))
        .findFirst()
        .orElse(null);
  }

  private JsonObject info() throws Exception {
    return onLoop(feature::info);
  }

  private Finding finding() throws Exception {
    return done(onLoop(() -> feature.health().get(0).find()));
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    java.util.concurrent.CompletableFuture<T> result =
        new java.util.concurrent.CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          try {
            result.complete(action.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result.get(30, TimeUnit.SECONDS);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private static Tunnel tunnel(String name, int localPort, int remotePort) {
    return new Tunnel(name, TunnelType.TCP, "127.0.0.1", localPort, remotePort, List.of());
  }

  private static TunnelPlan plan(Tunnel... tunnels) {
    return new TunnelPlan(
        "frp.example.org:7000",
        List.of(tunnels).stream().map(tunnel -> new Planned(tunnel, true)).toList(),
        List.of());
  }
}
