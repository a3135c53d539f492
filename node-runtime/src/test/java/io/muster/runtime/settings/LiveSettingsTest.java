package io.muster.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveSettingsTest {
  @TempDir Path folder;

  @Test
  void keepsANodesKeyFromOtherServersThanItsOwn() {
    Settings keyed = Settings.load(Role.WORKER, Map.of("OPENAI_API_KEY", "sk-mine"), folder);

    for (String other :
        List.of(
            "https://other.example/v1", "http://api.openai.com/v1", "https://api.openai.com:8/")) {
      assertThatThrownBy(
              () -> LiveSettings.over(keyed, Map.of("OPENAI_BASE_URL", other), "hub, version 1"))
          .isInstanceOf(InvalidSettings.class)
          .hasMessageContaining("OPENAI_API_KEY")
          .hasMessageNotContaining("sk-mine");
    }
    Map<String, String> same = Map.of("OPENAI_BASE_URL", "https://API.openai.com:443/v2");
    assertThat(LiveSettings.over(keyed, same, "hub, version 2").get(Catalogue.OPENAI_BASE_URL))
        .hasPath("/v2");
    Settings keyless = Settings.load(Role.WORKER, Map.of(), folder);
    Map<String, String> other = Map.of("OPENAI_BASE_URL", "http://vllm.example/v1");
    assertThat(LiveSettings.over(keyless, other, "hub, version 3").get(Catalogue.OPENAI_BASE_URL))
        .hasHost("vllm.example");
  }

  @Test
  void noneOfThemIsSecret() {
    for (Setting<?> setting : Catalogue.all()) {
      if (LiveSettings.names().contains(setting.name())) {
        assertThat(setting.secret()).as(setting.name()).isFalse();
        assertThat(setting.appliesTo(Role.WORKER)).as(setting.name()).isTrue();
      }
    }
    assertThat(LiveSettings.names()).contains("LOG_LEVEL", "WORKER_MAX_CONCURRENT", "TOOLS_OFF");
  }

  @Test
  void saysWhatIsWrongWithEach() {
    Map<String, String> values = new HashMap<>();
    values.put("LOG_LEVEL", "info");
    values.put("LOG_LEVLE", "info");
    values.put("OPENAI_API_KEY", "sk-1");
    values.put("DATA_DIR", "/");
    values.put("OLLAMA_URL", "http://key@there");
    values.put("DEMO_MODEL", " ");
    values.put("WORKER_MAX_CONCURRENT", "0");

    Map<String, String> problems = LiveSettings.problems(values);

    assertThat(problems).hasSize(6).doesNotContainKey("LOG_LEVEL");
    assertThat(problems.get("LOG_LEVLE")).contains("did you mean LOG_LEVEL?");
    assertThat(problems.get("OPENAI_API_KEY")).contains("secret").doesNotContain("sk-1");
    assertThat(problems.get("DATA_DIR")).contains("WORKER_MAX_CONCURRENT");
    assertThat(problems.get("OLLAMA_URL")).doesNotContain("key@");
    assertThat(problems.get("WORKER_MAX_CONCURRENT")).contains("must be a whole number");
  }
}
