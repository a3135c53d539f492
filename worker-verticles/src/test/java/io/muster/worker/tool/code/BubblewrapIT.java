package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.net.NetServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bound of the sandbox, met by a program that goes beyond it. */
class BubblewrapIT {
  private static final long MB = 1 << 20;
  private static final Limits LIMITS = new Limits(256 * MB, 2, 16, 8 * MB, 4_096);

  private final Vertx vertx = Vertx.vertx();
  private final WorkerExecutor executor =
      vertx.createSharedWorkerExecutor("code", 7, 2, TimeUnit.MINUTES);
  private final boolean root = "root".equals(System.getProperty("user.name"));
  private Sandbox sandbox;
  private Set<Language> languages;

  @TempDir Path folder;

  @BeforeEach
  void look() {
    sandbox = new Bubblewrap(vertx, executor, root, LIMITS, System::nanoTime);
    languages = TestRun.await(sandbox.look());
  }

  @AfterEach
  void close() {
    TestRun.await(sandbox.close());
    TestRun.await(vertx.close());
  }

  private Outcome sh(String code) {
    return run(Language.SH, code, "");
  }

  private Outcome python(String code) {
    return run(Language.PYTHON, code, "");
  }

  private Outcome run(Language language, String code, String stdin) {
    return TestRun.await(sandbox.run(new Program(language, code, stdin, 30_000)).outcome());
  }

  @Test
  void runsAProgramWithItsInput() {
    assertThat(languages).contains(Language.SH, Language.PYTHON);
    Outcome outcome =
        run(
            Language.PYTHON,
            "import sys\nprint(sys.stdin.read().upper())\nsys.stderr.write('é')\nsys.exit(3)",
            "héllo");

    assertThat(outcome.stdout()).isEqualTo("HÉLLO\n");
    assertThat(outcome.stderr()).isEqualTo("é");
    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.timedOut()).isFalse();
    assertThat(sh("echo plain").stdout()).isEqualTo("plain\n");
  }

  @Test
  void hasNoNetwork() {
    AtomicInteger connections = new AtomicInteger();
    NetServer server =
        TestRun.await(
            vertx
                .createNetServer()
                .connectHandler(
                    socket -> {
                      connections.incrementAndGet();
                      socket.close();
                    })
                .listen(0, "0.0.0.0"));

    Outcome outcome =
        python(
            "import socket\nfor host in ['127.0.0.1', '8.8.8.8']:\n  try:\n"
                + "    socket.create_connection((host, "
                + server.actualPort()
                + "), 2)\n    print('connected')\n  except OSError as e:\n    print('refused')\n"
                + "print(open('/proc/net/dev').read().count(':'))");

    assertThat(outcome.stdout()).isEqualTo("refused\nrefused\n1\n");
    assertThat(connections).hasValue(0);
  }

  @Test
  void seesNothingOfThisMachine() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "secret");
    Path home = Path.of(System.getProperty("user.home"));

    Outcome outcome =
        sh(
            "ls / | tr '\\n' ' '; ls /etc; for f in "
                + secret
                + " /etc/passwd /etc/shadow "
                + home
                + " /var/run /sys /root /home; do [ -e $f ] && echo \"sees $f\"; done; env | sort;"
                + " hostname; ps ax 2>/dev/null | wc -l; id -u");

    assertThat(outcome.stdout()).doesNotContain("sees").contains("sandbox");
    assertThat(outcome.stdout()).contains("HOME=/tmp").doesNotContain("JAVA", "MUSTER");
    assertThat(outcome.stdout()).endsWith("65534\n");
  }

  @Test
  void canWriteToItsOwnFolderAlone() {
    Outcome outcome =
        sh(
            "for f in /x /usr/x /usr/bin/x /etc/x /dev/x /proc/sys/kernel/hostname; do"
                + " (echo x > $f) 2>/dev/null && echo \"wrote $f\"; done;"
                + " echo kept > /tmp/x && cat /tmp/x; mount -o remount,rw / 2>/dev/null"
                + " && echo remounted; true");

    assertThat(outcome.stdout()).isEqualTo("kept\n");
    assertThat(sh("cat /tmp/x || echo gone").stdout()).isEqualTo("gone\n");
  }

  @Test
  void hasLittleSpace() {
    Outcome outcome =
        sh(
            "for i in 1 2 3 4; do head -c 5000000 /dev/zero > /tmp/$i || true; done 2>/dev/null;"
                + " du -sk /tmp | cut -f1; head -c 5000000 /dev/zero > /dev/shm/x 2>/dev/null;"
                + " du -sk /dev/shm | cut -f1");

    String[] kilobytes = outcome.stdout().strip().split("\n", -1);
    assertThat(Integer.parseInt(kilobytes[0])).isBetween(1_000, 8 * 1_024);
    assertThat(Integer.parseInt(kilobytes[1])).isLessThanOrEqualTo(1_024);
  }

  @Test
  void hasLittleMemory() {
    assertThat(python("print(len(bytearray(50_000_000)))").stdout()).isEqualTo("50000000\n");

    Outcome outcome = python("x = bytearray(400_000_000)");

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.stderr()).contains("MemoryError");
  }

  @Test
  void hasFewProcesses() {
    Outcome outcome =
        python(
            "import os, time\nmade = 0\ntry:\n  for i in range(200):\n    if os.fork() == 0:\n"
                + "      time.sleep(60)\n      os._exit(0)\n    made += 1\nexcept OSError:\n"
                + "  print(made)");

    assertThat(Integer.parseInt(outcome.stdout().strip())).isBetween(1, 16);
  }

  @Test
  void hasLittleProcessorTime() {
    Outcome outcome = python("while True: pass");

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

  @Test
  void hasNoPowers() {
    Outcome outcome =
        sh(
            "grep -E '^Cap(Eff|Prm|Bnd)|NoNewPrivs' /proc/self/status | tr -d '\\t';"
                + " unshare -r true 2>/dev/null && echo nested; true");

    assertThat(outcome.stdout())
        .isEqualTo(
            "CapPrm:0000000000000000\nCapEff:0000000000000000\nCapBnd:0000000000000000\n"
                + "NoNewPrivs:1\n");
  }

  /** A tree of processes that ignore being asked to stop, one of them a session of its own. */
  private static String stubborn(String mark) {
    return "trap '' TERM INT HUP; (trap '' TERM HUP; sleep 6"
        + mark
        + ") & setsid sleep 6"
        + mark
        + " & echo begun; sleep 6"
        + mark;
  }

  private static String mark() {
    return String.valueOf(Math.abs(UUID.randomUUID().getMostSignificantBits() % 1_000_000));
  }

  private static long processes(String mark) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.info().commandLine().orElse("").contains("sleep 6" + mark))
        .count();
  }

  @Test
  void isKilledWithAllItsProcessesWhenItsTimeIsOver() {
    String mark = mark();

    Outcome outcome =
        TestRun.await(sandbox.run(new Program(Language.SH, stubborn(mark), "", 1_500)).outcome());

    assertThat(outcome.timedOut()).isTrue();
    assertThat(outcome.exitCode()).isEqualTo(137);
    assertThat(outcome.stdout()).isEqualTo("begun\n");
    await().until(() -> processes(mark) == 0);
  }

  @Test
  void isKilledWithAllItsProcessesWhenItIsCancelled() {
    String mark = mark();
    Sandbox.Run run = sandbox.run(new Program(Language.SH, stubborn(mark), "", 60_000));
    await().until(() -> processes(mark) >= 3);

    run.kill();

    assertThat(TestRun.await(run.outcome()).timedOut()).isFalse();
    await().until(() -> processes(mark) == 0);
  }
}
