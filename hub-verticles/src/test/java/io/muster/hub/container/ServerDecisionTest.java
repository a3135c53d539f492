package io.muster.hub.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.ModelServer;
import io.muster.hub.container.ServerDecision.Sight;
import io.muster.hub.container.ServerDecision.Step;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerDecisionTest {
  private static final long MOVE_MS = 1_000;
  private static final long START_MS = 5_000;
  private static final ContainerSpec SPEC =
      ContainerBody.read(
          new JsonObject().put("image", "i"),
          "",
          "ms-x",
          new ModelServer("x", 1, "/health", List.of(), START_MS));

  private static Step decide(String nodeId, Sight sight) {
    return ServerDecision.of(new ServerRecord("x", SPEC, 1, nodeId, 0, "admin"), sight, MOVE_MS);
  }

  private static ContainerInfo claim(State state, String health) {
    return new ContainerInfo(
        "n", SPEC, "h", "c", state, List.of(), List.of(), 0, 0, 0, null, 0, null, health);
  }

  @Test
  void isPlacedWhereItIsNowhere() {
    assertThat(decide(null, new Sight(-1, false, null, 0))).isEqualTo(Step.PLACE);
  }

  @Test
  void waitsForItsNodeAndThenMoves() {
    assertThat(decide("n", new Sight(999, false, null, 0))).isEqualTo(Step.NOTHING);
    assertThat(decide("n", new Sight(1_000, false, null, 0))).isEqualTo(Step.MOVE);
  }

  @Test
  void aNodeThatDidNotAnswerOnceSaysNothing() {
    assertThat(decide("n", new Sight(-1, false, null, 0))).isEqualTo(Step.NOTHING);
  }

  @Test
  void itsNodeIsAskedAgainForWhatItLost() {
    assertThat(decide("n", new Sight(-1, true, null, 500))).isEqualTo(Step.ASK);
    assertThat(decide("n", new Sight(-1, true, null, 1_500))).isEqualTo(Step.PLACE);
  }

  @Test
  void hasItsTimeToStart() {
    ContainerInfo starting = claim(State.RUNNING, "starting");
    assertThat(decide("n", new Sight(-1, true, starting, 5_900))).isEqualTo(Step.NOTHING);
    assertThat(decide("n", new Sight(-1, true, starting, 6_100))).isEqualTo(Step.MOVE);
    ContainerInfo healthy = claim(State.RUNNING, "healthy");
    assertThat(decide("n", new Sight(-1, true, healthy, 9_999_999))).isEqualTo(Step.NOTHING);
    ContainerInfo fetching = claim(State.PULLING, "starting");
    assertThat(decide("n", new Sight(-1, true, fetching, 9_999_999))).isEqualTo(Step.NOTHING);
  }
}
