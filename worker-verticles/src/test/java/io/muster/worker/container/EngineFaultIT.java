package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerMessage.InspectContainer;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine dies, comes back, or stands still, while the node works with it. */
class EngineFaultIT {
  private static final String NODE = "engine-fault-it";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;
  private TestEngine engine;
  private TestNode node;

  @BeforeEach
  void start() {
    engine = TestEngine.get();
    engine.removeAllOf(NODE);
    node =
        new TestNode(
            NODE,
            folder,
            engine,
            Map.of("CONTAINER_GPUS", "0,1", "CONTAINER_ENGINE_TIMEOUT_MS", "2000"));
    await().atMost(SOON).until(node::isUp);
  }

  @AfterEach
  void stop() {
    if (node != null) {
      engine.awaitUp();
      node.close();
      engine.removeAllOf(NODE);
    }
  }

  private static JsonObject body(String claim) {
    return new JsonObject()
        .put("claim_id", claim)
        .put("image", TestEngine.IMAGE)
        .put("command", new JsonArray().add("sleep").add("1000"));
  }

  private Finding health() throws Exception {
    return node.feature.health().get(0).find().await();
  }

  @Test
  void anEngineThatIsKilledUnderLoadLosesNoClaim() throws Exception {
    node.create(body("before").put("gpus", 2));
    List<Future<Claimed>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      all.add(node.creating(body("load-" + i)));
    }
    await().atMost(SOON).until(() -> engine.containersOf(NODE).size() > 3);
    engine.kill();
    Future.join(all).otherwiseEmpty().await();
    await().atMost(SOON).until(() -> health().status() == HealthStatus.DEGRADED);
    assertThat(health().reason()).isNotBlank();
    assertThat(node.isUp()).isFalse();
    assertThatThrownBy(() -> node.create(body("meanwhile")))
        .isInstanceOf(FaultException.class)
        .satisfies(
            cause ->
                assertThat(((FaultException) cause).fault().failure())
                    .isEqualTo(Failure.NO_CAPACITY));

    engine.start();
    Set<String> acknowledged =
        all.stream()
            .filter(Future::succeeded)
            .map(each -> each.result().container().claimId())
            .collect(Collectors.toSet());
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              List<ContainerInfo> claims = node.list();
              assertThat(claims.stream().map(ContainerInfo::claimId))
                  .contains("before")
                  .containsAll(acknowledged);
              assertThat(claims).allMatch(claim -> claim.state() == State.RUNNING);
              assertThat(engine.containersOf(NODE)).hasSameSizeAs(claims);
            });
    assertThat(health().status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(node.claim("before").gpuIds()).containsExactlyInAnyOrder(0, 1);
    assertThatThrownBy(() -> node.create(body("late").put("gpus", 1)))
        .hasMessageContaining("0 of this node's 2 are free");
    assertThat(node.events.stream().map(event -> event.type()))
        .contains("container_engine_down", "container_engine_up");
  }

  @Test
  void anEngineThatStandsStillHoldsUpNobody() throws Exception {
    node.create(body("still"));
    engine.signal("STOP");
    try {
      assertThatThrownBy(() -> node.ask(new InspectContainer("still")))
          .isInstanceOf(FaultException.class)
          .hasMessageContaining("engine");
      await().atMost(SOON).until(() -> health().status() == HealthStatus.DEGRADED);
      assertThat(node.claim("still").state()).isEqualTo(State.RUNNING);
    } finally {
      engine.signal("CONT");
    }
    await().atMost(SOON).until(node::isUp);
    node.ask(new InspectContainer("still"));
    assertThat(node.claim("still").restarts()).isZero();
  }
}
