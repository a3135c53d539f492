package io.muster.hub.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.container.ContainerSpec;
import io.muster.hub.http.JsonBody;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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

  /** With a program in its place that plays the parts of ollama that the command uses. */
  @Test
  void ollamaListensOnceItHasTheModel(@TempDir Path folder) throws Exception {
    Path ollama =
        Files.writeString(
            folder.resolve("ollama"),
            """
            #!/bin/sh
            cd %s
            echo "$1 $2 at $OLLAMA_HOST" >> calls
            case $1,$OLLAMA_HOST in
              serve,127*) touch up; exec sleep 60 ;;
              list,*) test -e up ;;
              show,*) test -e model ;;
              pull,*) touch model ;;
            esac
            """
                .formatted(folder));
    assertThat(ollama.toFile().setExecutable(true)).isTrue();
    ContainerSpec spec = read("{\"name\":\"a\",\"template\":\"ollama\",\"model\":\"org/m:1\"}");
    ProcessBuilder shell = new ProcessBuilder(new ArrayList<>(spec.entrypoint()));
    shell.command().addAll(spec.command());
    shell.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    shell.redirectErrorStream(true).redirectOutput(folder.resolve("out").toFile());

    for (int start = 0; start < 2; start++) {
      Files.deleteIfExists(folder.resolve("up"));
      Process run = shell.start();
      assertThat(run.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(run.exitValue()).isZero();
    }
    assertThat(Files.readAllLines(folder.resolve("calls")))
        .filteredOn(call -> !call.startsWith("list"))
        .containsExactly(
            "serve  at 127.0.0.1:11435",
            "show org/m:1 at 127.0.0.1:11435",
            "pull org/m:1 at 127.0.0.1:11435",
            "serve  at 0.0.0.0:11434",
            "serve  at 127.0.0.1:11435",
            "show org/m:1 at 127.0.0.1:11435",
            "serve  at 0.0.0.0:11434");
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
