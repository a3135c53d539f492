package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The engine that scripts/test has started, which tests may kill and start again. */
final class TestEngine {
  static final String IMAGE = "muster-test:1";
  static final String NETWORK = "muster-test";

  private final String host;
  private final Path folder;
  private final DockerClient client;

  private TestEngine(String host, Path folder) {
    this.host = host;
    this.folder = folder;
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
  static TestEngine get() {
    String host = System.getenv("MUSTER_TEST_DOCKER_HOST");
    if ("true".equals(System.getenv("MUSTER_REQUIRE_DOCKER"))) {
      assertThat(host).as("MUSTER_TEST_DOCKER_HOST, which scripts/test sets").isNotNull();
    }
    assumeTrue(host != null, "needs an engine: scripts/test starts one");
    return new TestEngine(host, Path.of(System.getenv("MUSTER_TEST_DOCKER_FOLDER")));
  }

  String host() {
    return host;
  }

  DockerClient client() {
    return client;
  }

  /** Those of a node, running or not. */
  List<Container> containersOf(String nodeId) {
    return client
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(List.of(Labels.NODE + "=" + nodeId))
        .exec();
  }

  void removeAllOf(String nodeId) {
    for (Container container : containersOf(nodeId)) {
      client.removeContainerCmd(container.getId()).withForce(true).exec();
    }
  }

  /** Runs a shell's line in a container. */
  void exec(String containerId, String line) throws InterruptedException {
    String id = client.execCreateCmd(containerId).withCmd("/bin/sh", "-c", line).exec().getId();
    client
        .execStartCmd(id)
        .exec(new ResultCallback.Adapter<Frame>())
        .awaitCompletion(20, TimeUnit.SECONDS);
  }

  void signal(String name) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + name, pid()).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  /** With the daemon beneath it, which dies with it: one that lingers would keep the next out. */
  void kill() throws Exception {
    String pid = pid();
    Path beneath = folder.resolve("exec/containerd/containerd.pid");
    String pidBeneath = Files.readString(beneath).strip();
    signal("KILL");
    for (String each : List.of(pid, pidBeneath)) {
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !Files.exists(Path.of("/proc/" + each)) || isZombie(each));
    }
    Files.deleteIfExists(beneath);
  }

  private static boolean isZombie(String pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
  }

  void start() throws Exception {
    Files.deleteIfExists(folder.resolve("pid"));
    new ProcessBuilder(folder.resolve("start").toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("log").toFile()))
        .start();
    awaitUp();
  }

  void awaitUp() {
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> {
              client.pingCmd().exec();
              return true;
            });
  }

  private String pid() throws IOException {
    return Files.readString(folder.resolve("pid")).strip();
  }
}
