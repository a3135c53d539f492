package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyTest {
  private static final Path SOCKET = Path.of("/var/run/docker.sock");

  private static Policy policy(
      List<String> allow, List<String> mounts, List<String> devices, List<String> capabilities) {
    return new Policy(
        new Policy.Owner(List.of(), allow, mounts, devices, capabilities, false, SOCKET));
  }

  private static ContainerSpec spec(String more) {
    return ContainerBody.read(
        new JsonObject("{\"claim_id\":\"c\",\"image\":\"busybox\"," + more + "}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"privileged\":true' | privileged | CONTAINER_ALLOW=privileged",
        "'\"network\":\"host\"' | network | CONTAINER_ALLOW=host-network",
        "'\"pid\":\"host\"' | pid | CONTAINER_ALLOW=host-pid",
        "'\"ipc\":\"host\"' | ipc | CONTAINER_ALLOW=host-ipc",
        "'\"mounts\":[{\"source\":\"/etc\",\"target\":\"/x\"}]' | mounts[0].source | CONTAINER_MOUNTS",
        "'\"mounts\":[{\"source\":\"/data/../etc\",\"target\":\"/x\"}]' | mounts[0].source | plain",
        "'\"mounts\":[{\"source\":\"/data/models/sub\",\"target\":\"/x\"}]' | mounts[0].source | CONTAINER_MOUNTS",
        "'\"mounts\":[{\"source\":\"/data/models/\",\"target\":\"/x\"}]' | mounts[0].source | CONTAINER_MOUNTS",
        "'\"mounts\":[{\"source\":\"/data/read\",\"target\":\"/x\"}]' | mounts[0].source | read_only",
        "'\"mounts\":[{\"source\":\"/data/read:ro\",\"target\":\"/x\"}]' | mounts[0].source | plain",
        "'\"mounts\":[{\"source\":\"/var/run/docker.sock\",\"target\":\"/x\"}]' | mounts[0].source | engine-socket",
        "'\"mounts\":[{\"source\":\"/run/docker.sock\",\"target\":\"/x\"}]' | mounts[0].source | engine-socket",
        "'\"mounts\":[{\"source\":\"/var/run\",\"target\":\"/x\"}]' | mounts[0].source | engine-socket",
        "'\"mounts\":[{\"source\":\"/run\",\"target\":\"/x\"}]' | mounts[0].source | engine-socket",
        "'\"mounts\":[{\"source\":\"/\",\"target\":\"/x\"}]' | mounts[0].source | engine-socket",
        "'\"devices\":[\"/dev/kmem\"]' | devices[0] | CONTAINER_DEVICES",
        "'\"cap_add\":[\"SYS_ADMIN\"]' | cap_add[0] | CONTAINER_CAPABILITIES",
        "'\"cap_add\":[\"ALL\"]' | cap_add[0] | CONTAINER_CAPABILITIES",
        "'\"port_mappings\":[{\"container_port\":80,\"host_ip\":\"0.0.0.0\"}]' | port_mappings[0].host_ip | public-ports",
        "'\"port_mappings\":[{\"container_port\":80,\"host_ip\":\"127.0.0.1.nip.io\"}]' | port_mappings[0].host_ip | public-ports",
      })
  void whatReachesOutIsRefusedAndSaysWhatWouldAllowIt(String body, String field, String remedy) {
    Policy strict =
        policy(List.of(), List.of("/data/models", "/data/read:ro"), List.of(), List.of());
    FaultException refusal =
        catchThrowableOfType(FaultException.class, () -> strict.check(spec(body)));
    assertThat(refusal).isNotNull();
    assertThat(refusal.fault().failure()).isEqualTo(Failure.FORBIDDEN);
    assertThat(refusal).hasMessageContaining("'" + field + "'").hasMessageContaining(remedy);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'\"privileged\":true'",
        "'\"network\":\"host\",\"pid\":\"host\",\"ipc\":\"host\"'",
        "'\"network\":\"none\"'",
        "'\"mounts\":[{\"source\":\"/data/models\",\"target\":\"/x\"}]'",
        "'\"mounts\":[{\"source\":\"/data/read\",\"target\":\"/x\",\"read_only\":true}]'",
        "'\"mounts\":[{\"source\":\"cache\",\"target\":\"/x\"}]'",
        "'\"mounts\":[{\"source\":\"/var/run/docker.sock\",\"target\":\"/x\"}]'",
        "'\"devices\":[\"/dev/fuse\"]'",
        "'\"cap_add\":[\"sys_nice\"]'",
        "'\"port_mappings\":[{\"container_port\":80,\"host_ip\":\"0.0.0.0\"}]'",
        "'\"port_mappings\":[{\"container_port\":80,\"host_ip\":\"127.0.0.9\"}]'",
      })
  void whatTheOwnerAllowsPasses(String body) {
    Policy open =
        policy(
            List.of(
                "privileged",
                "host-network",
                "host-pid",
                "host-ipc",
                "engine-socket",
                "public-ports"),
            List.of("/data/models", "/data/read:ro"),
            List.of("/dev/fuse"),
            List.of("CAP_SYS_NICE"));
    assertThatCode(() -> open.check(spec(body))).doesNotThrowAnyException();
  }

  @Test
  void anotherContainersNamespaceIsNoneOfItsBusiness() {
    Policy open = policy(List.of("host-network", "host-pid"), List.of(), List.of(), List.of());
    assertThatThrownBy(() -> open.check(spec("\"network\":\"container:abc\"")))
        .hasMessageContaining("'network'");
    assertThatThrownBy(() -> open.check(spec("\"pid\":\"container:abc\"")))
        .hasMessageContaining("'pid'");
  }

  @Test
  void noMountIsBelowOneThatContainersWrite() {
    for (List<String> mounts :
        List.of(List.of("/data", "/data/models"), List.of("/data/models:ro", "/data/"))) {
      assertThatThrownBy(() -> policy(List.of(), mounts, List.of(), List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("CONTAINER_MOUNTS")
          .hasMessageContaining("/data/models");
    }
    policy(List.of(), List.of("/data:ro", "/data/models", "/database"), List.of(), List.of());
  }

  @Test
  void whereMemoryIsLimitedNobodyGoesWithoutALimit() {
    Policy limited =
        new Policy(
            new Policy.Owner(List.of(), List.of(), List.of(), List.of(), List.of(), true, SOCKET));
    limited.check(spec("\"memory\":\"1g\""));
    assertThatThrownBy(() -> limited.check(spec("\"cpus\":1")))
        .hasMessageContaining("'memory'")
        .hasMessageContaining("CONTAINER_MEMORY_MB");
  }

  @Test
  void imagesCanBeLimited() {
    Policy limited =
        new Policy(
            new Policy.Owner(
                List.of("vllm/*", "busybox"),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                false,
                SOCKET));
    limited.check(spec("\"cpus\":1"));
    ContainerSpec other =
        ContainerBody.read(new JsonObject("{\"claim_id\":\"c\",\"image\":\"evil/vllm/x\"}"));
    assertThatThrownBy(() -> limited.check(other)).hasMessageContaining("CONTAINER_IMAGES");
  }

  @Test
  void aWordThatMeansNothingIsAnError() {
    assertThatThrownBy(() -> policy(List.of("priviledged"), List.of(), List.of(), List.of()))
        .hasMessageContaining("CONTAINER_ALLOW");
  }
}
