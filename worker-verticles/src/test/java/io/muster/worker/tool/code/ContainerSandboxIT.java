package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.muster.worker.tool.TestRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container on a real engine, held to what every sandbox has to hold to. */
class ContainerSandboxIT extends SandboxContract {
  private static final String HOST = System.getenv("MUSTER_TEST_DOCKER_HOST");
  private static final String IMAGE = "muster-test:1";
  private static final String OWNER = "sandbox-test";

  @BeforeAll
  static void needAnEngine() {
    boolean required = "true".equals(System.getenv("MUSTER_REQUIRE_DOCKER"));
    assumeTrue(HOST != null || required, "no private Docker engine: scripts/test starts one");
  }

  @Override
  Sandbox sandbox() {
    return sandbox(HOST, IMAGE);
  }

  private Sandbox sandbox(String host, String image) {
    return new ContainerSandbox(
        vertx,
        executor,
        new ContainerSandbox.Options(host, image, OWNER, 2, 60_000),
        LIMITS,
        System::nanoTime);
  }

  private static DockerClient engine() {
    var config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(HOST)
            .withDockerTlsVerify(false)
            .build();
    return DockerClientImpl.getInstance(
        config, new ZerodepDockerHttpClient.Builder().dockerHost(config.getDockerHost()).build());
  }

  @Test
  void pullsTheImageThatIsNotThere(@TempDir Path saved) throws Exception {
    try (DockerClient engine = engine();
        SmallRegistry registry = new SmallRegistry(vertx, engine, IMAGE, saved)) {
      String image = registry.image("code", "1");
      try {
        Sandbox far = sandbox(HOST, image);
        assertThat(TestRun.await(far.look(tookLong::add))).contains(Language.SH);
        assertThat(tookLong).containsExactly("the image " + image + " is being pulled");
        assertThat(
                TestRun.await(
                        far.run(new Program(Language.SH, "echo pulled", "", 60_000)).outcome())
                    .stdout())
            .isEqualTo("pulled\n");
      } finally {
        engine.removeImageCmd(image).withForce(true).exec();
      }
    }
  }

  @Test
  void saysWhatIsMissing() {
    Sandbox noImage = sandbox(HOST, "127.0.0.1:1/nobody/has:this");
    assertThatThrownBy(() -> TestRun.await(noImage.look(tookLong::add)))
        .isInstanceOf(Sandbox.Unusable.class)
        .hasMessageStartingWith(
            "the image 127.0.0.1:1/nobody/has:this is not there and cannot be pulled: ");
    Sandbox noEngine = sandbox("unix:///nowhere/docker.sock", IMAGE);
    assertThatThrownBy(() -> TestRun.await(noEngine.look(tookLong::add)))
        .hasMessage("no container engine answers");
  }

  /** What a killed worker leaves: its successor removes it, and without one it ends by itself. */
  @Test
  void nothingOutlivesAWorkerThatWasKilled() throws Exception {
    try (DockerClient engine = engine()) {
      String left = start(engine, 600);
      TestRun.await(sandbox().look(tookLong::add));
      assertThat(containers(engine)).doesNotContain(left);

      String alone = start(engine, 1);
      assertThat(
              engine
                  .waitContainerCmd(alone)
                  .exec(new WaitContainerResultCallback())
                  .awaitStatusCode())
          .isEqualTo(137);
      engine.removeContainerCmd(alone).exec();
    }
  }

  private static String start(DockerClient engine, long mostSeconds) {
    List<String> command =
        ContainerCommand.run(
            new Program(Language.SH, "trap '' TERM; sleep 1000; sleep 1000", "", 1), mostSeconds);
    String id =
        engine
            .createContainerCmd(IMAGE)
            .withEntrypoint(command.subList(0, 1))
            .withCmd(command.subList(1, command.size()))
            .withLabels(Map.of(ContainerSandbox.LABEL, OWNER))
            .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
            .exec()
            .getId();
    engine.startContainerCmd(id).exec();
    return id;
  }

  private static List<String> containers(DockerClient engine) {
    return engine.listContainersCmd().withShowAll(true).exec().stream()
        .map(container -> container.getId())
        .toList();
  }
}
