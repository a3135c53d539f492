package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every sandbox has to hold to: each bound, met by a program that goes beyond it. */
abstract class SandboxContract {
  static final long MB = 1 << 20;
  static final Limits LIMITS = new Limits(256 * MB, 2, 16, 8 * MB, 4_096);
  static final Duration LIMIT = Duration.ofSeconds(30);

  final Vertx vertx = Vertx.vertx();
  final WorkerExecutor executor = vertx.createSharedWorkerExecutor("code", 7, 2, TimeUnit.MINUTES);
  final List<String> tookLong = new CopyOnWriteArrayList<>();
  Sandbox sandbox;
  Set<Language> languages;

  /** The one that is held to it. */
  abstract Sandbox sandbox();

  @BeforeEach
  void look() {
    sandbox = sandbox();
    languages = TestRun.await(sandbox.look(tookLong::add));
    assertThat(languages).contains(Language.SH);
  }

  @AfterEach
  void close() {
    if (sandbox != null) {
      TestRun.await(sandbox.close());
    }
    TestRun.await(vertx.close());
  }

  final Outcome sh(String code) {
    return run(Language.SH, code, "");
  }

  final Outcome run(Language language, String code, String stdin) {
    return TestRun.await(sandbox.run(new Program(language, code, stdin, 60_000)).outcome());
  }

  @Test
  void runsAProgramWithItsInput() {
    Outcome outcome = run(Language.SH, "tr a-z A-Z; echo \"é '\\\"\" >&2; exit 3", "hello");

    assertThat(outcome.stdout()).isEqualTo("HELLO");
    assertThat(outcome.stderr()).isEqualTo("é '\"\n");
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.timedOut()).isFalse();
    String padding = "# " + "é".repeat(99_000) + "\n";
    assertThat(run(Language.SH, padding + "wc -c", "x".repeat(100_000)).stdout().strip())
        .isEqualTo("100000");
    assertThat(tookLong).isEmpty();
  }

  @Test
  void hasNoNetworkAndNoPowers() {
    Outcome outcome =
        sh(
            "grep -c : /proc/net/dev; id -u;"
                + " grep -E '^Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/self/status | tr -d '\\t';"
                + " unshare -r true 2>/dev/null && echo nested; hostname");

    assertThat(outcome.stdout())
        .isEqualTo(
            "1\n65534\nCapPrm:0000000000000000\nCapEff:0000000000000000\n"
                + "CapBnd:0000000000000000\nNoNewPrivs:1\nsandbox\n");
  }

  @Test
  void canWriteToItsOwnFolderAlone() {
    Outcome outcome =
        sh(
            "for f in /x /usr/x /bin/x /usr/bin/x /etc/x /srv/x /proc/sys/kernel/hostname; do"
                + " (echo x > $f) 2>/dev/null && echo \"wrote $f\"; done;"
                + " echo kept > /tmp/x && cat /tmp/x; mount -o remount,rw / 2>/dev/null"
                + " && echo remounted; true");

    assertThat(outcome.stdout()).isEqualTo("kept\n");
    assertThat(sh("cat /tmp/x 2>/dev/null || echo gone").stdout()).isEqualTo("gone\n");
  }

  @Test
  void hasLittleSpace() {
    Outcome outcome =
        sh(
            "for i in 1 2 3 4; do head -c 5000000 /dev/zero > /tmp/$i; done 2>/dev/null;"
                + " du -sk /tmp | cut -f1; head -c 5000000 /dev/zero > /dev/shm/x 2>/dev/null;"
                + " du -sk /dev/shm | cut -f1");

    String[] kilobytes = outcome.stdout().strip().split("\n", -1);
    assertThat(Integer.parseInt(kilobytes[0])).isBetween(1_000, 8 * 1_024);
    assertThat(Integer.parseInt(kilobytes[1])).isLessThanOrEqualTo(1_024);
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
    assertThat(outcome.stdout().lines().count()).isBetween(8L, 16L);
  }

  @Test
  void hasLittleProcessorTime() {
    Outcome outcome = sh("while :; do :; done");

    assertThat(outcome.timedOut()).isFalse();
    assertThat(outcome.exitCode()).isGreaterThan(128);
  }

  @Test
  void saysOnlySoMuch() {
    Outcome outcome = sh("head -c 1000000 /dev/zero | tr '\\0' x; echo end >&2");

    assertThat(outcome.stdout()).hasSize(LIMITS.outputBytes());
    assertThat(outcome.truncated()).isTrue();
    assertThat(outcome.stderr()).isEqualTo("end\n");
    assertThat(outcome.exitCode()).isZero();
  }

  /**
   * A tree of processes that ignore being asked to stop, one of them a session of its own. Busybox'
   * shell has a sleep within itself, which nobody sees from outside.
   */
  static String stubborn(String mark) {
    String sleep = "$s 6" + mark;
    return "s=\"$(command -v busybox) sleep\"; trap '' TERM INT HUP; (trap '' TERM HUP; "
        + sleep
        + ") & setsid "
        + sleep
        + " & echo begun; "
        + sleep;
  }

  static String mark() {
    return String.valueOf(Math.abs(UUID.randomUUID().getMostSignificantBits() % 1_000_000));
  }

  static long processes(String mark) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").endsWith("sleep 6" + mark))
        .count();
  }

  @Test
  void isKilledWithAllItsProcessesWhenItsTimeIsOver() {
    String mark = mark();

    Sandbox.Run run = sandbox.run(new Program(Language.SH, stubborn(mark), "", 10_000));
    await().atMost(LIMIT).until(() -> processes(mark) >= 3);

    Outcome outcome = TestRun.await(run.outcome());

    assertThat(outcome.timedOut()).isTrue();
    assertThat(outcome.exitCode()).isEqualTo(137);
    assertThat(outcome.stdout()).isEqualTo("begun\n");
    await().atMost(LIMIT).until(() -> processes(mark) == 0);
  }

  @Test
  void isKilledWithAllItsProcessesWhenItIsCancelled() {
    String mark = mark();
    Sandbox.Run run = sandbox.run(new Program(Language.SH, stubborn(mark), "", 60_000));
    await().atMost(LIMIT).until(() -> processes(mark) >= 3);

    run.kill();

    assertThat(TestRun.await(run.outcome()).timedOut()).isFalse();
    await().atMost(LIMIT).until(() -> processes(mark) == 0);
  }

  @Test
  void timeThatIsOverBeforeItHasBegunIsTimeThatIsOver() {
    Outcome outcome =
        TestRun.await(sandbox.run(new Program(Language.SH, "sleep 60", "", 1)).outcome());

    assertThat(outcome.timedOut()).isTrue();
    assertThat(outcome.exitCode()).isEqualTo(137);
  }
}
