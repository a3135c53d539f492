package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Each bound of the container, met by a program that goes beyond it; on a real engine. */
class ContainerSandboxIT {
  private static final String HOST = System.getenv("MUSTER_TEST_DOCKER_HOST");
  private static final String IMAGE = "muster-test:1";
  private static final long MB = 1 << 20;
  private static final Limits LIMITS = new Limits(64 * MB, 2, 16, 8 * MB, 4_096);

  private Vertx vertx;
  private WorkerExecutor executor;
  private Sandbox sandbox;

  @BeforeEach
  void look() {
    boolean required = "true".equals(System.getenv("MUSTER_REQUIRE_DOCKER"));
    assumeTrue(HOST != null || required, "no private Docker engine: scripts/test starts one");
    vertx = Vertx.vertx();
    executor = vertx.createSharedWorkerExecutor("code", 7, 2, TimeUnit.MINUTES);
    sandbox = sandbox(HOST, IMAGE);
    assertThat(TestRun.await(sandbox.look())).contains(Language.SH);
  }

  @AfterEach
  void close() {
    if (vertx != null) {
      TestRun.await(sandbox.close());
      TestRun.await(vertx.close());
    }
  }

  private Sandbox sandbox(String host, String image) {
    return new ContainerSandbox(
        vertx,
        executor,
        new ContainerSandbox.Options(host, image, "test", 2),
        LIMITS,
        System::nanoTime);
  }

  private Outcome sh(String code) {
    return sh(code, "");
  }

  private Outcome sh(String code, String stdin) {
    return TestRun.await(sandbox.run(new Program(Language.SH, code, stdin, 60_000)).outcome());
  }

  @Test
  void runsAProgramWithItsInput() {
    Outcome outcome = sh("tr a-z A-Z; echo \"é '\\\"\" >&2; exit 3", "hello");

    assertThat(outcome.stdout()).isEqualTo("HELLO");
    assertThat(outcome.stderr()).isEqualTo("é '\"\n");
    assertThat(outcome.exitCode()).isEqualTo(3);
    String padding = "# " + "é".repeat(99_000) + "\n";
    assertThat(sh(padding + "wc -c", "x".repeat(100_000)).stdout()).isEqualTo("100000\n");
  }

  @Test
  void hasNoNetworkNoPowersAndNothingToWriteTo() {
    Outcome outcome =
        sh(
            "grep -c : /proc/net/dev; id -u; grep CapEff /proc/self/status | tr -d '\\t';"
                + " grep NoNewPrivs /proc/self/status | tr -d '\\t';"
                + " for f in /x /bin/x /etc/x /srv/x; do (echo x > $f) 2>/dev/null"
                + " && echo \"wrote $f\"; done; echo kept > /tmp/x && cat /tmp/x");

    assertThat(outcome.stdout())
        .isEqualTo("1\n65534\nCapEff:0000000000000000\nNoNewPrivs:1\nkept\n");
    assertThat(sh("cat /tmp/x 2>/dev/null || echo gone").stdout()).isEqualTo("gone\n");
  }

  @Test
  void hasLittleSpace() {
    Outcome outcome =
        sh(
            "for i in 1 2 3 4; do head -c 5000000 /dev/zero > /tmp/$i; done 2>/dev/null;"
                + " du -sk /tmp | cut -f1");

    assertThat(Integer.parseInt(outcome.stdout().strip())).isBetween(1_000, 8 * 1_024);
  }

  @Test
  void hasLittleMemory() {
    Outcome outcome =
        sh("awk 'BEGIN { s = \"x\"; while (length(s) < 400000000) s = s s; print length(s) }'");

    assertThat(outcome.stdout()).isEmpty();
    assertThat(outcome.exitCode()).isNotZero();
  }

  @Test
  void hasFewProcesses() {
    Outcome outcome =
        sh("i=0; while [ $i -lt 100 ]; do sleep 30 & i=$((i+1)); echo $i; done; echo all");

    assertThat(outcome.stderr()).contains("fork");
    assertThat(outcome.stdout().lines().count()).isBetween(1L, 16L);
  }

  @Test
  void hasLittleProcessorTime() {
    Outcome outcome = sh("while :; do :; done");

    assertThat(outcome.timedOut()).isFalse();
    assertThat(outcome.exitCode()).isEqualTo(137);
  }

  @Test
  void saysOnlySoMuch() {
    Outcome outcome = sh("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2");

    assertThat(outcome.stdout()).hasSize(LIMITS.outputBytes());
    assertThat(outcome.truncated()).isTrue();
    assertThat(outcome.stderr()).isEqualTo("end\n");
  }

  @Test
  void isKilledWithAllItsProcesses() {
    String mark = String.valueOf(Math.abs(UUID.randomUUID().getMostSignificantBits() % 1_000_000));
    String code =
        "trap '' TERM; setsid /bin/busybox sleep 6"
            + mark
            + " & echo begun; /bin/busybox sleep 6"
            + mark;
    Outcome late = TestRun.await(sandbox.run(new Program(Language.SH, code, "", 5_000)).outcome());
    assertThat(late.timedOut()).isTrue();
    assertThat(late.exitCode()).isEqualTo(137);
    assertThat(late.stdout()).isEqualTo("begun\n");
    await().until(() -> processes(mark) == 0);

    Sandbox.Run run = sandbox.run(new Program(Language.SH, code, "", 60_000));
    await().atMost(30, TimeUnit.SECONDS).until(() -> processes(mark) >= 2);
    run.kill();
    await().atMost(30, TimeUnit.SECONDS).until(() -> processes(mark) == 0);
  }

  private static long processes(String mark) {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process.info().commandLine().orElse("").startsWith("/bin/busybox sleep 6" + mark))
        .count();
  }

  @Test
  void saysWhatIsMissing() {
    Sandbox noImage = sandbox(HOST, "nobody/has:this");
    assertThatThrownBy(() -> TestRun.await(noImage.look()))
        .hasMessage("the image nobody/has:this is not there: docker pull it");
    Sandbox noEngine = sandbox("unix:///nowhere/docker.sock", IMAGE);
    assertThatThrownBy(() -> TestRun.await(noEngine.look()))
        .hasMessage("no container engine answers");
  }
}
