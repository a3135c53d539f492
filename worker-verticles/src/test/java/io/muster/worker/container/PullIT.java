package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.container.ContainerAnswer.Following;
import io.muster.container.ContainerAnswer.Piece;
import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerMessage.FollowContainer;
import io.muster.container.ContainerMessage.ReadFollow;
import io.muster.container.ContainerMessage.RemoveContainer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that a real engine fetches from a registry. */
class PullIT {
  private static final String NODE = "pull-it";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;
  private TestEngine engine;
  private TestRegistry registry;
  private TestNode node;

  @BeforeEach
  void start() throws Exception {
    engine = TestEngine.get();
    engine.removeAllOf(NODE);
    registry = new TestRegistry(folder);
    node = new TestNode(NODE, folder, engine, Map.of("CONTAINER_ENGINE_TIMEOUT_MS", "5000"));
    await().atMost(SOON).until(node::isUp);
  }

  @AfterEach
  void stop() {
    if (node != null) {
      registry.close();
      node.close();
      engine.removeAllOf(NODE);
    }
  }

  private JsonObject body(String claim, String image) {
    return new JsonObject()
        .put("claim_id", claim)
        .put("image", image)
        .put("command", new JsonArray().add("/bin/sh").add("-c").add("echo fetched"));
  }

  @Test
  void whoeverFollowsSeesTheImageComeAndThenTheOutput() throws Exception {
    ContainerInfo accepted = node.create(body("fetching", registry.image()));
    assertThat(accepted.state()).isEqualTo(State.PULLING);
    Following begun = node.ask(new FollowContainer("fetching", -1, true));
    List<Told> told = new ArrayList<>();
    await()
        .atMost(SOON)
        .until(
            () -> {
              Piece piece = node.ask(new ReadFollow(begun.stream(), 65_536, 500));
              told.addAll(piece.told());
              return told.stream()
                  .anyMatch(each -> each.kind().equals("pull") && each.json().contains("total"));
            });
    registry.goOn();
    await()
        .atMost(SOON)
        .until(
            () -> {
              Piece piece = node.ask(new ReadFollow(begun.stream(), 65_536, 500));
              told.addAll(piece.told());
              return piece.ended();
            });
    assertThat(told.stream().map(Told::json))
        .anyMatch(json -> json.contains("\"pulling\""))
        .anyMatch(json -> json.contains("fetched"));
  }

  @Test
  void howeverManyAreFetchedOtherContainersAreMade() throws Exception {
    for (int i = 0; i < 12; i++) {
      assertThat(node.create(body("fetching-" + i, registry.image())).state())
          .isEqualTo(State.PULLING);
    }
    ContainerInfo other =
        node.create(body("other", TestEngine.IMAGE).put("command", new JsonArray().add("true")));
    assertThat(other.containerId()).isNotNull();
    assertThat(node.isUp()).isTrue();
    for (int i = 0; i < 12; i++) {
      node.ask(new RemoveContainer("fetching-" + i, 0));
    }
    assertThat(node.list()).hasSize(1);
  }

  @Test
  void aClaimOfAnImageThatIsNotThereFailsAndSaysSo() throws Exception {
    String image = registry.image().replace("little", "missing");
    node.create(body("missing", image));
    await().atMost(SOON).until(() -> node.claim("missing").state() == State.FAILED);
    assertThat(node.claim("missing").error()).contains("engine");
    node.ask(new RemoveContainer("missing", 0));
    assertThat(node.list()).isEmpty();
  }

  @Test
  void aNodeThatEndsWhileItFetchesGoesOnAtItsNextStart() throws Exception {
    node.create(body("later", registry.image()));
    node.close();
    assertThat(engine.containersOf(NODE)).isEmpty();
    registry.goOn();
    node = new TestNode(NODE, folder, engine, Map.of());
    await().atMost(SOON).until(() -> engine.containersOf(NODE).size() == 1);
    await().atMost(SOON).until(() -> node.claim("later").state() == State.EXITED);
    assertThat(node.claim("later").exitCode()).isZero();
  }
}
