package io.muster.hub.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.container.ContainerSpec;
import io.muster.hub.http.JsonBody;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerTemplatesTest {
  private static ContainerSpec read(String body) {
    return ServerTemplates.read(JsonBody.of(new JsonObject(body)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"vllm", "ollama", "llama-server"})
  void aTemplateNeedsNoMoreThanAModel(String template) {
    ContainerSpec spec =
        read("{\"name\":\"a\",\"template\":\"" + template + "\",\"model\":\"org/m:1\"}");
    assertThat(spec.server().models()).containsExactly("org/m:1");
    assertThat(spec.server().healthPath()).startsWith("/");
    assertThat(spec.ports()).hasSize(1);
    assertThat(spec.ports().get(0).containerPort()).isEqualTo(spec.server().port());
    assertThat(spec.ports().get(0).hostPort()).isZero();
    assertThat(spec.restart()).isEqualTo(ContainerSpec.Restart.ALWAYS);
    assertThat(spec.command() + " " + spec.env()).contains("org/m:1").doesNotContain("${");
    assertThat(spec.rights().mounts()).allMatch(mount -> !mount.source().startsWith("/"));
  }

  @Test
  void whatTheRequestSaysGoesBeforeTheTemplate() {
    ContainerSpec spec =
        read(
            "{\"name\":\"a\",\"template\":\"vllm\",\"model\":\"m\",\"models\":[\"x\",\"y\"],"
                + "\"image\":\"own/vllm:2\",\"gpu_ids\":[1,2],\"start_timeout_s\":5,"
                + "\"restart\":\"on-failure\"}");
    assertThat(spec.image()).isEqualTo("own/vllm:2");
    assertThat(spec.gpuIds()).containsExactly(1, 2);
    assertThat(spec.gpus()).isZero();
    assertThat(spec.server().models()).containsExactly("x", "y");
    assertThat(spec.server().startTimeoutMs()).isEqualTo(5_000);
    assertThat(spec.restart()).isEqualTo(ContainerSpec.Restart.ON_FAILURE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{\"name\":\"Big\",\"image\":\"i\",\"port\":1}' | name",
        "'{\"name\":\"openai\",\"image\":\"i\",\"port\":1}' | name",
        "'{\"name\":\"a\",\"template\":\"other\"}' | template",
        "'{\"name\":\"a\",\"template\":\"vllm\"}' | model",
        "'{\"name\":\"a\",\"template\":\"vllm\",\"model\":\"$(x)\"}' | model",
        "'{\"name\":\"a\",\"image\":\"i\"}' | port",
        "'{\"name\":\"a\",\"port\":1}' | image",
        "'{\"name\":\"a\",\"image\":\"i\",\"port\":1,\"health_path\":\"x y\"}' | health_path",
        "'{\"name\":\"a\",\"image\":\"i\",\"port\":1,\"port_mappings\":[]}' | port_mappings",
        "'{\"name\":\"a\",\"image\":\"i\",\"port\":1,\"gpuz\":1}' | gpuz",
      })
  void namesWhatIsWrong(String body, String field) {
    assertThatThrownBy(() -> read(body)).hasMessageContaining("'" + field + "'");
  }
}
