package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.util.List;

/** The Docker engine that scripts/test has started, looked at past every worker. */
final class PrivateEngine {
  static final String IMAGE = "muster-test:1";
  static final String NETWORK = "muster-test";

  private final String host;
  private final DockerClient client;

  private PrivateEngine(String host) {
    this.host = host;
    var config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(host)
            .withDockerTlsVerify(false)
            .build();
    this.client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  /** Skips the test where there is none; fails where there has to be one. */
  static PrivateEngine get() {
    String host = System.getenv("MUSTER_TEST_DOCKER_HOST");
    if ("true".equals(System.getenv("MUSTER_REQUIRE_DOCKER"))) {
      assertThat(host).as("MUSTER_TEST_DOCKER_HOST, which scripts/test sets").isNotNull();
    }
    assumeTrue(host != null, "needs an engine: scripts/test starts one");
    return new PrivateEngine(host);
  }

  String host() {
    return host;
  }

  /** Muster's containers, running or not. */
  List<Container> containers() {
    return client
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(List.of("io.muster.claim"))
        .exec();
  }

  /** Those of one worker. */
  List<Container> containersOf(String nodeId) {
    return containers().stream()
        .filter(container -> nodeId.equals(container.getLabels().get("io.muster.node")))
        .toList();
  }

  void kill(String containerId) {
    client.killContainerCmd(containerId).exec();
  }

  void removeAll() {
    containers().forEach(each -> client.removeContainerCmd(each.getId()).withForce(true).exec());
  }
}
