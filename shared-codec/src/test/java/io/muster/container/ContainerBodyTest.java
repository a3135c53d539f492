package io.muster.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerBodyTest {
  /** To the letter, as platforms of GPU nodes send it. */
  private static final String REFERENCE =
      """
      {
        "claim_id": "claim-123",
        "image": "nvidia/cuda:11.8-runtime-ubuntu20.04",
        "gpu_ids": [0, 1],
        "port_mappings": [
          {
            "host_port": 8888,
            "container_port": 8888
          }
        ],
        "env_vars": ["NVIDIA_VISIBLE_DEVICES=0,1"],
        "command": ["/bin/bash", "-c", "sleep infinity"]
      }
      """;

  @Test
  void readsTheReferencesBody() {
    ContainerSpec spec = ContainerBody.read(new JsonObject(REFERENCE));
    assertThat(spec.claimId()).isEqualTo("claim-123");
    assertThat(spec.gpuIds()).containsExactly(0, 1);
    assertThat(spec.ports())
        .containsExactly(new ContainerSpec.PortMapping(null, 8888, 8888, "tcp"));
    assertThat(spec.env()).containsExactly("NVIDIA_VISIBLE_DEVICES=0,1");
    assertThat(spec.command()).containsExactly("/bin/bash", "-c", "sleep infinity");
    assertThat(spec.rights()).isEqualTo(ContainerSpec.Rights.NONE);
    assertThat(spec.restart()).isEqualTo(ContainerSpec.Restart.INTERRUPTED);
  }

  @Test
  void theSameBodyHasTheSameHashAndAnotherAnother() {
    ContainerSpec spec = ContainerBody.read(new JsonObject(REFERENCE));
    assertThat(ContainerJson.hash(ContainerBody.read(new JsonObject(REFERENCE))))
        .isEqualTo(ContainerJson.hash(spec));
    ContainerSpec other = ContainerBody.read(new JsonObject(REFERENCE.replace("=0,1", "=0")));
    assertThat(ContainerJson.hash(other)).isNotEqualTo(ContainerJson.hash(spec));
  }

  @ParameterizedTest
  @CsvSource({
    "512, 512",
    "'\"512\"', 512",
    "'\"2k\"', 2048",
    "'\"3MiB\"', 3145728",
    "'\"2g\"', 2147483648"
  })
  void readsSizes(String json, long bytes) {
    assertThat(
            ContainerBody.read(
                    new JsonObject("{\"claim_id\":\"c\",\"image\":\"i\",\"memory\":" + json + "}"))
                .memory())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"claim_id\":\"../x\"' | claim_id",
        "'\"claim_id\":\"a b\"' | claim_id",
        "'\"claim_id\":7' | claim_id",
        "'\"image\":\"\"' | image",
        "'\"image\":\"-v\"' | image",
        "'\"gpu_ids\":[0,0]' | gpu_ids",
        "'\"gpu_ids\":[-1]' | gpu_ids[0]",
        "'\"gpu_ids\":[\"0\"]' | gpu_ids[0]",
        "'\"gpu_ids\":[0],\"gpus\":1' | gpus",
        "'\"port_mappings\":[{\"host_port\":1}]' | port_mappings[0].container_port",
        "'\"port_mappings\":[{\"container_port\":70000}]' | port_mappings[0].container_port",
        "'\"port_mappings\":[{\"container_port\":1,\"protocol\":\"sctp\"}]' | port_mappings[0].protocol",
        "'\"env_vars\":[\"A\"]' | env_vars[0]",
        "'\"command\":\"ls\"' | command",
        "'\"memory\":\"2 gigs\"' | memory",
        "'\"memory\":0' | memory",
        "'\"memory\":\"16777217t\"' | memory",
        "'\"cpus\":0' | cpus",
        "'\"restart\":\"sometimes\"' | restart",
        "'\"mounts\":[{\"source\":\"../x\",\"target\":\"/y\"}]' | mounts[0].source",
        "'\"mounts\":[{\"source\":\"/x\",\"target\":\"y\"}]' | mounts[0].target",
        "'\"mounts\":[{\"source\":\"/x\",\"target\":\"/y:rw\"}]' | mounts[0].target",
        "'\"privileged\":\"yes\"' | privileged",
        "'\"restart_policy\":\"no\"' | restart_policy",
      })
  void namesWhatIsWrong(String more, String field) {
    JsonObject body =
        new JsonObject()
            .put("claim_id", "c")
            .put("image", "i")
            .mergeIn(new JsonObject("{" + more + "}"));
    FaultException refusal =
        catchThrowableOfType(FaultException.class, () -> ContainerBody.read(body));
    assertThat(refusal).isNotNull();
    assertThat(refusal.fault().failure()).isEqualTo(Failure.BAD_REQUEST);
    assertThat(refusal).hasMessageContaining("'" + field + "'");
  }

  @Test
  void aSecretIsNotRepeated() {
    JsonObject body =
        new JsonObject("{\"claim_id\":\"c\",\"image\":\"i\",\"env_vars\":[\"bad name=s3cret\"]}");
    FaultException refusal =
        catchThrowableOfType(FaultException.class, () -> ContainerBody.read(body));
    assertThat(refusal.getMessage()).doesNotContain("s3cret");
  }
}
