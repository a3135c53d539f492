package io.muster.hub.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.muster.hub.container.Placement.Candidate;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static ContainerSpec needs(String more) {
    return ContainerBody.read(new JsonObject("{\"claim_id\":\"c\",\"image\":\"i\"" + more + "}"));
  }

  private static Candidate node(
      String id, List<Integer> freeGpus, long freeMemory, int running, String... tags) {
    return new Candidate(
        id, Set.of(tags), new Offer(id, null, freeGpus, 4, freeMemory, running, null), null);
  }

  @Test
  void goesWhereTheFewestGpusStayFree() {
    List<Candidate> nodes =
        List.of(
            node("many", List.of(0, 1, 2, 3), 100, 0),
            node("two", List.of(0, 1), 100, 0),
            node("none", List.of(), 100, 0));
    assertThat(Placement.choose(needs(",\"gpus\":1"), nodes).nodes())
        .containsExactly("two", "many");
    assertThat(Placement.choose(needs(",\"gpus\":3"), nodes).nodes()).containsExactly("many");
    assertThat(Placement.choose(needs(""), nodes).nodes()).startsWith("none");
    assertThat(Placement.choose(needs(",\"gpu_ids\":[2]"), nodes).nodes()).containsExactly("many");
  }

  @Test
  void ofTwoAlikeTheOneWithLessToDo() {
    List<Candidate> nodes =
        List.of(
            node("a", List.of(), 100, 3),
            node("b", List.of(), 100, 1),
            node("c", List.of(), 900, 1));
    assertThat(Placement.choose(needs(""), nodes).nodes()).containsExactly("c", "b", "a");
  }

  @Test
  void saysOfEachWhyNot() {
    List<Candidate> nodes =
        List.of(
            node("small", List.of(0), 10, 0, "eu"),
            node("us", List.of(0), 100, 0, "us"),
            node("full", List.of(), 100, 0, "eu"),
            new Candidate("gone", Set.of(), null, "did not answer"),
            new Candidate(
                "down",
                Set.of("eu"),
                new Offer("down", "no engine", List.of(), 0, 0, 0, null),
                null));
    Placement.Choice choice =
        Placement.choose(needs(",\"gpus\":1,\"memory\":50,\"tags\":[\"eu\"]"), nodes);
    assertThat(choice.nodes()).isEmpty();
    assertThat(choice.why())
        .contains("small: 10 bytes")
        .contains("us: is not tagged eu")
        .contains("full: 0 of 4 GPUs")
        .contains("gone: did not answer")
        .contains("down: no engine");
    assertThat(Placement.choose(needs(""), List.of()).why()).contains("ENABLE_CONTAINERS");
  }
}
