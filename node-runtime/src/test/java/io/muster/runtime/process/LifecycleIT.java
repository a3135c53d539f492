package io.muster.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LifecycleIT {
  private static final long INT_BIT = 1L << (2 - 1);

  /** A process that says when it runs and when its steps are done. */
  static final class Program {
    private Program() {}

    public static void main(String[] args) {
      Lifecycle.run(
          life -> {
            if (args.length > 0) {
              throw new StartRefused(args[0]);
            }
            life.onStop("say", Duration.ofSeconds(5), () -> say("bye"));
            return say("up");
          });
      if (args.length == 0) {
        waitForSignal();
      }
    }

    private static Future<Void> say(String word) {
      System.out.println(word);
      return Future.succeededFuture();
    }

    private static synchronized void waitForSignal() {
      while (true) {
        try {
          Program.class.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
    }
  }

  @Test
  void aSignalMeansAnOrderlyStopAndExitCodeZero() throws Exception {
    for (String signal : signals()) {
      Process process = start();
      try (BufferedReader out =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        assertThat(out.readLine()).isEqualTo("up");

        kill(signal, process);

        assertThat(out.readLine()).isEqualTo("bye");
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
      }
    }
  }

  /** A shell without job control has what it starts in the background ignore INT, for good. */
  private static List<String> signals() throws Exception {
    Path status = Path.of("/proc/self/status");
    boolean ignored =
        Files.exists(status)
            && Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & INT_BIT) != 0);
    return ignored ? List.of("TERM") : List.of("TERM", "INT");
  }

  @Test
  void aRefusedStartExitsWithOneAndNoStackTrace() throws Exception {
    Process process = start("PORT=x: must be a number");

    assertThat(new String(process.getErrorStream().readAllBytes(), UTF_8))
        .isEqualTo("PORT=x: must be a number\n");
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
  }

  private static Process start(String... args) throws Exception {
    String[] command = new String[4 + args.length];
    command[0] = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    command[1] = "-cp";
    command[2] = System.getProperty("java.class.path");
    command[3] = Program.class.getName();
    System.arraycopy(args, 0, command, 4, args.length);
    return new ProcessBuilder(command).start();
  }

  private static void kill(String signal, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();
  }
}
