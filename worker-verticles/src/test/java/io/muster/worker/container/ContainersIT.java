package io.muster.worker.container;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Details;
import io.muster.container.ContainerAnswer.Following;
import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerMessage.AskOffer;
import io.muster.container.ContainerMessage.EndFollow;
import io.muster.container.ContainerMessage.FollowContainer;
import io.muster.container.ContainerMessage.InspectContainer;
import io.muster.container.ContainerMessage.MeasureContainer;
import io.muster.container.ContainerMessage.ReadFollow;
import io.muster.container.ContainerMessage.RemoveContainer;
import io.muster.container.ContainerMessage.RestartContainer;
import io.muster.container.ContainerMessage.StopContainer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers on a real engine, asked for over the bus. */
class ContainersIT {
  private static final String NODE = "containers-it";

  @TempDir Path folder;
  private TestEngine engine;
  private TestNode node;

  @BeforeEach
  void start() {
    engine = TestEngine.get();
    engine.removeAllOf(NODE);
    node = node(Map.of("CONTAINER_GPUS", "0,1,2"));
  }

  @AfterEach
  void stop() {
    if (node != null) {
      node.close();
      engine.removeAllOf(NODE);
    }
  }

  private TestNode node(Map<String, String> settings) {
    TestNode started = new TestNode(NODE, folder, engine, settings);
    await().atMost(Duration.ofSeconds(20)).until(started::isUp);
    return started;
  }

  private static JsonObject body(String claim, String script) {
    return new JsonObject()
        .put("claim_id", claim)
        .put("image", TestEngine.IMAGE)
        .put("command", new JsonArray().add("/bin/sh").add("-c").add(script));
  }

  @Test
  void aContainersWholeLife() throws Exception {
    ContainerInfo made =
        node.create(
            body("life", "echo out; echo err >&2; exec sleep 1000")
                .put("env_vars", new JsonArray().add("TOKEN=hidden"))
                .put("memory", "64m")
                .put("cpus", 0.5)
                .put(
                    "port_mappings",
                    new JsonArray().add(new JsonObject().put("container_port", 8000))));
    assertThat(made.state()).isEqualTo(State.RUNNING);
    assertThat(made.spec().env()).containsExactly("TOKEN");
    assertThat(made.ports()).hasSize(1);
    assertThat(made.ports().get(0).hostIp()).isEqualTo("127.0.0.1");
    assertThat(made.ports().get(0).hostPort()).isPositive();
    await()
        .untilAsserted(
            () ->
                assertThat(node.follow("life", -1, false).stream().map(Told::json))
                    .anyMatch(line -> line.contains("\"stdout\"") && line.contains("\"out\""))
                    .anyMatch(line -> line.contains("\"stderr\"") && line.contains("\"err\"")));

    Details inspected = node.ask(new InspectContainer(made.containerId().substring(0, 12)));
    JsonObject engineSays = new JsonObject(new String(inspected.json(), UTF_8));
    assertThat(engineSays.getJsonObject("limits").getLong("memory")).isEqualTo(64L << 20);
    assertThat(engineSays.getJsonObject("limits").getLong("nano_cpus")).isEqualTo(500_000_000L);
    assertThat(engineSays.getJsonObject("security").getJsonArray("options").getList())
        .contains("no-new-privileges");
    assertThat(engineSays.encode()).doesNotContain("hidden");
    Details stats = node.ask(new MeasureContainer("life"));
    assertThat(
            new JsonObject(new String(stats.json(), UTF_8))
                .getJsonObject("memory")
                .getLong("limit"))
        .isEqualTo(64L << 20);

    Claimed stopped = node.ask(new StopContainer("life", 0));
    assertThat(stopped.container().state()).isEqualTo(State.STOPPED);
    Claimed again = node.ask(new RestartContainer("life", 0));
    assertThat(again.container().containerId()).isEqualTo(made.containerId());
    await().until(() -> node.claim("life").state() == State.RUNNING);
    node.ask(new RemoveContainer("life", 0));
    assertThat(node.list()).isEmpty();
    assertThat(engine.containersOf(NODE)).isEmpty();
    try (Stream<Path> files = Files.list(folder.resolve("containers"))) {
      assertThat(files).isEmpty();
    }
    assertThat(node.eventTypes("life"))
        .startsWith("container_created", "container_started")
        .endsWith("container_removed");
  }

  @Test
  void oneClaimIsOneContainer() throws Exception {
    List<Future<Claimed>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(node.creating(body("same", "sleep 1000")));
    }
    Future.all(all).await();
    assertThat(all.stream().filter(each -> each.result().made())).hasSize(1);
    await().untilAsserted(() -> assertThat(engine.containersOf(NODE)).hasSize(1));
    assertThatThrownBy(() -> node.create(body("same", "sleep 1001")))
        .isInstanceOf(FaultException.class)
        .hasMessageContaining("'claim_id'");
  }

  @Test
  void twoClaimsNeverGetTheSameGpu() throws Exception {
    List<Future<Claimed>> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(
          node.creating(
              body("gpu-" + i, "echo gpus=$NVIDIA_VISIBLE_DEVICES; exec sleep 1000")
                  .put("gpus", 1)
                  // Not what decides.
                  .put("env_vars", new JsonArray().add("NVIDIA_VISIBLE_DEVICES=all"))));
    }
    Future.join(all).otherwiseEmpty().await();
    List<ContainerInfo> got =
        all.stream().filter(Future::succeeded).map(each -> each.result().container()).toList();
    assertThat(got).hasSize(3);
    Set<Integer> gpus = new HashSet<>();
    got.forEach(each -> gpus.addAll(each.gpuIds()));
    assertThat(gpus).containsExactlyInAnyOrder(0, 1, 2);
    for (ContainerInfo each : got) {
      await()
          .untilAsserted(
              () ->
                  assertThat(node.follow(each.claimId(), -1, false).stream().map(Told::json))
                      .anyMatch(line -> line.contains("gpus=" + each.gpuIds().get(0) + "\"")));
    }
    all.stream()
        .filter(Future::failed)
        .forEach(
            each ->
                assertThat(((FaultException) each.cause()).fault().failure())
                    .isEqualTo(Failure.NO_CAPACITY));
    assertThatThrownBy(
            () -> node.create(body("named", "true").put("gpu_ids", new JsonArray().add(1))))
        .hasMessageContaining("belongs to claim gpu-");
    Offer full = node.ask(new AskOffer(null));
    assertThat(full.freeGpus()).isEmpty();

    // Over a restart of the node too.
    node.close();
    node = node(Map.of("CONTAINER_GPUS", "0,1,2"));
    assertThatThrownBy(() -> node.create(body("late", "true").put("gpus", 1)))
        .hasMessageContaining("0 of this node's 3 are free");
    node.ask(new RemoveContainer(got.get(0).claimId(), 0));
    assertThat(node.create(body("late", "sleep 1000").put("gpus", 1)).gpuIds())
        .isEqualTo(got.get(0).gpuIds());
  }

  @Test
  void whatCannotBeStartedLeavesNothing() throws Exception {
    assertThatThrownBy(
            () ->
                node.create(
                    body("broken", "true")
                        .put("command", new JsonArray().add("/no/such/program"))
                        .put("gpus", 1)))
        .hasMessageContaining("/no/such/program");
    assertThatThrownBy(
            () ->
                node.create(
                    body("none", "true").put("image", "muster-none:1").put("pull", "never")))
        .hasMessageContaining("'image'");
    assertThat(node.list()).isEmpty();
    assertThat(engine.containersOf(NODE)).isEmpty();
    Offer offer = node.ask(new AskOffer(null));
    assertThat(offer.freeGpus()).hasSize(3);
  }

  @Test
  void whatTakesTooMuchMemoryIsToldOf() throws Exception {
    node.create(
        body("hungry", "dd if=/dev/zero of=/dev/null bs=200M count=1; exit 3")
            .put("memory", "16m"));
    await().until(() -> node.claim("hungry").state() == State.EXITED);
    assertThat(node.claim("hungry").exitCode()).isNotZero();
    assertThat(node.eventTypes("hungry")).contains("container_died");
  }

  @Test
  void itFindsItsOwnAgainAndClearsAwayWhatIsHalfMade() throws Exception {
    ContainerInfo before =
        node.create(body("kept", "sleep 1000").put("gpu_ids", new JsonArray().add(2)));
    node.close();
    // As a node leaves it that dies between making and starting a container.
    engine
        .client()
        .createContainerCmd(TestEngine.IMAGE)
        .withName("muster-half-made")
        .withCmd("true")
        .withLabels(Map.of(Labels.NODE, NODE, Labels.CLAIM, "half", Labels.GPUS, "1"))
        .exec();
    node = node(Map.of("CONTAINER_GPUS", "0,1,2"));
    await().until(() -> engine.containersOf(NODE).size() == 1);
    await().until(() -> node.claim("kept").state() == State.RUNNING);
    assertThat(node.claim("kept").containerId()).isEqualTo(before.containerId());
    node.close();

    // Nothing but the labels is left.
    try (Stream<Path> files = Files.list(folder.resolve("containers"))) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    node = node(Map.of("CONTAINER_GPUS", "0,1,2"));
    await().until(() -> node.claim("kept") != null);
    assertThat(node.claim("kept").gpuIds()).containsExactly(2);
    assertThatThrownBy(
            () -> node.create(body("other", "true").put("gpu_ids", new JsonArray().add(2))))
        .hasMessageContaining("claim kept");
  }

  @Test
  void itIsStartedAgainAsItsRuleSays() throws Exception {
    node.create(body("always", "sleep 0.2; exit 0").put("restart", "always"));
    node.create(body("once", "sleep 0.2; exit 1"));
    node.create(body("failing", "sleep 0.2; exit 1").put("restart", "on-failure"));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> node.claim("always").restarts() > 1 && node.claim("failing").restarts() > 1);
    assertThat(node.claim("once").state()).isEqualTo(State.EXITED);
    assertThat(node.claim("once").restarts()).isZero();
    assertThat(node.claim("once").exitCode()).isEqualTo(1);
  }

  @Test
  void aFollowedStreamLosesNothingHoweverSlowItIsRead() throws Exception {
    node.create(body("chatty", "seq 1 60000; echo end; exec sleep 1000"));
    Following begun = node.ask(new FollowContainer("chatty", -1, true));
    List<String> lines = new ArrayList<>();
    while (!lines.contains("end")) {
      // Less at a time than the node holds ready: the engine has to wait.
      Piece piece = node.ask(new ReadFollow(begun.stream(), 16 << 10, 5_000));
      assertThat(piece.ended()).isFalse();
      piece.told().stream()
          .filter(told -> told.kind().equals("log"))
          .forEach(told -> lines.add(new JsonObject(told.json()).getString("text")));
    }
    assertThat(lines).hasSize(60_001).startsWith("1", "2").endsWith("60000", "end");
    node.ask(new EndFollow(begun.stream()));
    assertThatThrownBy(() -> node.ask(new ReadFollow(begun.stream(), 1, 1)))
        .hasMessageContaining("no such stream");
  }
}
