package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.worker.tool.TestRun;
import io.vertx.core.net.NetServer;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bubblewrap, held to what every sandbox has to hold to, and what only it shows. */
class BubblewrapIT extends SandboxContract {
  @TempDir Path folder;

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  @Override
  Sandbox sandbox() {
    return new Bubblewrap(vertx, executor, ROOT, LIMITS, System::nanoTime);
  }

  private Outcome python(String code) {
    return run(Language.PYTHON, code, "");
  }

  @Test
  void reachesNobody() {
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
  void tellsPythonThatThereIsNoMemory() {
    assertThat(python("print(len(bytearray(50_000_000)))").stdout()).isEqualTo("50000000\n");

    Outcome outcome = python("x = bytearray(400_000_000)");

    assertThat(outcome.exitCode()).isNotZero();
    assertThat(outcome.stderr()).contains("MemoryError");
  }

  @Test
  void diesWithTheProcessThatBeganIt() throws Exception {
    String mark = mark();
    byte[] code = stubborn(mark).getBytes(StandardCharsets.UTF_8);
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "exec 3<&0; \"$@\" <&3 3<&- & wait", "sh"));
    command.addAll(new BubblewrapCommand(ROOT, LIMITS).run(Language.SH, code.length));
    Process worker = new ProcessBuilder(command).start();
    try (OutputStream in = worker.getOutputStream()) {
      in.write(code);
    }
    await().atMost(LIMIT).until(() -> processes(mark) >= 3);

    worker.destroyForcibly();

    await().atMost(LIMIT).until(() -> processes(mark) == 0);
  }

  @Test
  void isWhatGoesFirstWhereMemoryRunsOut() {
    assertThat(sh("cat /proc/self/oom_score_adj").stdout()).isEqualTo("1000\n");
  }
}
