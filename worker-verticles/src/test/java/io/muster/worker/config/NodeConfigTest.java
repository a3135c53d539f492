package io.muster.worker.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.node.NodeAnswer.ConfigOutcome;
import io.muster.node.NodeCommand.ApplyConfig;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeConfigTest {
  @TempDir private Path folder;
  private final List<Set<String>> applied = new ArrayList<>();
  private Future<Void> outcome = Future.succeededFuture();

  private NodeConfig config(Map<String, String> env) {
    return new NodeConfig(
        Settings.load(Role.WORKER, env, folder),
        (next, changed) -> {
          applied.add(changed);
          return outcome;
        });
  }

  private static ConfigOutcome take(NodeConfig config, long version, Map<String, String> values) {
    return config.take(new ApplyConfig(version, values)).result();
  }

  @Test
  void theHubsValuesWinAndGiveWayAgain() {
    NodeConfig config = config(Map.of("LOG_LEVEL", "warn"));

    assertThat(take(config, 1, Map.of("LOG_LEVEL", "debug", "WORKER_MAX_CONCURRENT", "8")))
        .isEqualTo(new ConfigOutcome(1, null));
    assertThat(config.effective().get(Catalogue.LOG_LEVEL)).isEqualTo("debug");
    assertThat(config.effective().get(Catalogue.WORKER_MAX_CONCURRENT)).isEqualTo(8);
    assertThat(config.effective().source(Catalogue.LOG_LEVEL).label()).isEqualTo("hub, version 1");

    take(config, 2, Map.of());
    assertThat(config.effective().get(Catalogue.LOG_LEVEL)).isEqualTo("warn");
    assertThat(applied)
        .containsExactly(
            Set.of("LOG_LEVEL", "WORKER_MAX_CONCURRENT"),
            Set.of("LOG_LEVEL", "WORKER_MAX_CONCURRENT"));
  }

  @Test
  void theSameAgainChangesNothing() {
    NodeConfig config = config(Map.of());
    take(config, 1, Map.of("LOG_LEVEL", "debug"));

    assertThat(take(config, 2, Map.of("LOG_LEVEL", "debug"))).isEqualTo(new ConfigOutcome(2, null));
    assertThat(applied).hasSize(1);
  }

  @Test
  void keepsWhatItHadWhenAnythingIsWrong() {
    NodeConfig config = config(Map.of());
    take(config, 1, Map.of("LOG_LEVEL", "debug"));

    for (Map<String, String> wrong :
        List.of(
            Map.of("LOG_LEVEL", "trace", "WORKER_MAX_CONCURRENT", "none"),
            Map.of("LOG_LEVEL", "trace", "OPENAI_API_KEY", "sk-1"),
            Map.of("LOG_LEVEL", "trace", "WORKER_PORT", "80"),
            Map.of("LOG_LEVEL", "trace", "NO_SUCH_THING", "1"))) {
      ConfigOutcome outcome = take(config, 2, wrong);
      assertThat(outcome.refusal()).isNotBlank().doesNotContain("sk-1");
    }
    assertThat(config.effective().get(Catalogue.LOG_LEVEL)).isEqualTo("debug");
    assertThat(applied).hasSize(1);
  }

  @Test
  void keepsWhatItHadWhenItCannotBeApplied() {
    NodeConfig config = config(Map.of());
    outcome = Future.failedFuture("provider ollama: not there");

    assertThat(take(config, 1, Map.of("OLLAMA_URL", "http://127.0.0.1:1")).refusal())
        .isEqualTo("provider ollama: not there");
    assertThat(config.effective().find(Catalogue.OLLAMA_URL)).isEmpty();
  }

  @Test
  void takesOneAfterTheOther() {
    NodeConfig config = config(Map.of());
    Promise<Void> slow = Promise.promise();
    outcome = slow.future();

    Future<ConfigOutcome> first = config.take(new ApplyConfig(1, Map.of("LOG_LEVEL", "debug")));
    outcome = Future.succeededFuture();
    Future<ConfigOutcome> second = config.take(new ApplyConfig(2, Map.of("LOG_LEVEL", "error")));
    assertThat(second.isComplete()).isFalse();
    slow.complete();

    assertThat(first.result().version()).isEqualTo(1);
    assertThat(second.result().version()).isEqualTo(2);
    assertThat(config.effective().get(Catalogue.LOG_LEVEL)).isEqualTo("error");
  }

  @Test
  void anOwnerMayKeepTheSettings() {
    NodeConfig config = config(Map.of("CONFIG_FROM_HUB", "false"));

    assertThat(take(config, 1, Map.of("LOG_LEVEL", "debug")).refusal())
        .startsWith("CONFIG_FROM_HUB");
    assertThat(take(config, 2, Map.of()).refusal()).isNull();
  }
}
