package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bodies on the bus reach those alone whose certificate the same CA signed, and come from them. */
class BusTlsIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final DeliveryOptions SOON = new DeliveryOptions().setSendTimeout(3000);

  @TempDir static Path keys;
  @TempDir static Path foreignKeys;

  private final int port = FreePorts.first(5);
  private final List<Vertx> started = new ArrayList<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeKeys() throws Exception {
    runScript(keys, "hub", "worker");
    runScript(foreignKeys, "stranger");
  }

  @AfterEach
  void close() throws Exception {
    for (Vertx vertx : started) {
      done(vertx.close());
    }
  }

  @Test
  void theScriptMakesPrivateFilesAndKeepsItsCa() throws Exception {
    String ca = Files.readString(keys.resolve("ca.pem"));

    runScript(keys, "another");

    assertThat(Files.readString(keys.resolve("ca.pem"))).isEqualTo(ca);
    for (String name : List.of("ca.pem", "ca.key", "hub.pem", "hub.key", "another.key")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  @Test
  void membersOfOneCaHearEachOther() throws Exception {
    Vertx hub = join(keys, "hub");
    Vertx worker = join(keys, "worker");
    listen(hub, "at-hub");

    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(ask(worker, "at-hub", "hello")).isEqualTo("heard"));
    assertThat(heard).contains("hello");
  }

  @Test
  void aStrangerNeitherSendsNorReceivesThoughItIsInTheCluster() throws Exception {
    Vertx hub = join(keys, "hub");
    for (EventBusOptions options : List.of(foreignCertificate(), plain())) {
      Vertx stranger = intrude(options);
      listen(hub, "at-hub");
      listen(stranger, "at-stranger");

      assertThatThrownBy(() -> ask(stranger, "at-hub", "forged")).isInstanceOf(Exception.class);
      assertThatThrownBy(() -> ask(hub, "at-stranger", "secret")).isInstanceOf(Exception.class);

      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aCertificateOfAnotherCaIsRefusedAtTheStart() {
    Map<String, String> env = env(keys, "hub");
    env.put("BUS_TLS_CA", foreignKeys.resolve("ca.pem").toString());

    assertThatThrownBy(() -> done(Cluster.join(settings(env))))
        .isInstanceOf(StartRefused.class)
        .hasMessageStartingWith("BUS_TLS_CERT=" + keys.resolve("hub.pem"))
        .hasMessageContaining("must be a valid certificate signed by BUS_TLS_CA=");
  }

  private void listen(Vertx vertx, String address) throws Exception {
    var consumer =
        vertx
            .eventBus()
            .<String>consumer(
                address,
                message -> {
                  heard.add(message.body());
                  message.reply("heard");
                });
    done(consumer.completion());
  }

  private static String ask(Vertx vertx, String address, String body) throws Exception {
    return done(vertx.eventBus().<String>request(address, body, SOON)).body();
  }

  private Vertx join(Path folder, String node) throws Exception {
    Vertx vertx = done(Cluster.join(settings(env(folder, node)))).vertx();
    started.add(vertx);
    return vertx;
  }

  /** A member that holds to no rule: it trusts everybody and asks nobody for a certificate. */
  private Vertx intrude(EventBusOptions options) throws Exception {
    Map<String, String> env = env(foreignKeys, "stranger");
    Vertx vertx =
        done(
            Vertx.builder()
                .with(new VertxOptions().setEventBusOptions(options.setHost("127.0.0.1")))
                .withClusterManager(
                    new HazelcastClusterManager(ClusterConfig.load(settings(env)).config()))
                .buildClustered());
    started.add(vertx);
    return vertx;
  }

  private static EventBusOptions foreignCertificate() {
    return new EventBusOptions()
        .setSsl(true)
        .setTrustAll(true)
        .setKeyCertOptions(
            new PemKeyCertOptions()
                .addCertPath(foreignKeys.resolve("stranger.pem").toString())
                .addKeyPath(foreignKeys.resolve("stranger.key").toString()));
  }

  private static EventBusOptions plain() {
    return new EventBusOptions();
  }

  private Map<String, String> env(Path folder, String node) {
    Map<String, String> env = new HashMap<>();
    env.put("CLUSTER_PORT", String.valueOf(port));
    env.put("CLUSTER_PORT_COUNT", "5");
    env.put("CLUSTER_NAME", "it-" + port);
    env.put("BUS_TLS_CA", folder.resolve("ca.pem").toString());
    env.put("BUS_TLS_CERT", folder.resolve(node + ".pem").toString());
    env.put("BUS_TLS_KEY", folder.resolve(node + ".key").toString());
    return env;
  }

  private static Settings settings(Map<String, String> env) {
    return Settings.load(Role.HUB, env, keys);
  }

  private static void runScript(Path folder, String... nodes) throws Exception {
    List<String> command = new ArrayList<>(List.of("../scripts/keys", "--out", folder.toString()));
    command.addAll(List.of(nodes));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), "UTF-8");
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.SECONDS);
  }
}
