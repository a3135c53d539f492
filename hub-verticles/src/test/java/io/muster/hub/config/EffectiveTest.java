package io.muster.hub.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.config.ConfigVersion.Kind;
import io.muster.hub.config.ConfigVersion.Target;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EffectiveTest {
  private static ConfigVersion version(
      long version, Kind kind, String name, Map<String, String> values) {
    return new ConfigVersion(version, new Target(kind, name), values, "admin", version);
  }

  private final List<ConfigVersion> versions =
      List.of(
          version(1, Kind.NODE, "w1", Map.of("A", "node")),
          version(2, Kind.ALL, "", Map.of("A", "old", "B", "old")),
          version(3, Kind.ALL, "", Map.of("A", "all", "B", "all", "C", "all")),
          version(4, Kind.TAG, "eu", Map.of("B", "eu", "C", "eu")),
          version(5, Kind.TAG, "gpu", Map.of("C", "gpu")));

  private Effective of(String node, Set<String> tags, Long... rejected) {
    return Effective.of(versions, node, tags, Set.of(rejected));
  }

  @Test
  void aNodeWinsOverItsTagsAndTheyOverAll() {
    assertThat(of("w1", Set.of("gpu", "eu")))
        .isEqualTo(new Effective(5, Map.of("A", "node", "B", "eu", "C", "gpu")));
    assertThat(of("w2", Set.of()))
        .isEqualTo(new Effective(3, Map.of("A", "all", "B", "all", "C", "all")));
  }

  @Test
  void whatWasRejectedGivesWayToWhatWasBefore() {
    assertThat(of("w2", Set.of(), 3L)).isEqualTo(new Effective(2, Map.of("A", "old", "B", "old")));
    assertThat(of("w2", Set.of(), 2L, 3L)).isEqualTo(Effective.NOTHING);
  }
}
