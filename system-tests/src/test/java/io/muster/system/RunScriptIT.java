package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The first minute with Muster: scripts/run, the command that it prints, scripts/e2e, Ctrl-C. */
class RunScriptIT {
  private static final int CLUSTER_PORTS = 4;
  private static final Pattern COMMAND =
      Pattern.compile("Try it:\\n((?:.*\\\\\\n)*.*)\\n", Pattern.MULTILINE);

  private final Path folder = Fleet.temporaryFolder();
  private final int port = FreePorts.one();
  private Program run;
  private List<ProcessHandle> processes = List.of();

  @AfterEach
  void close() {
    if (run != null) {
      run.close();
    }
    processes.forEach(ProcessHandle::destroyForcibly);
    Fleet.delete(folder);
  }

  @Test
  void startsSaysWhatToTryWorksFromEndToEndAndStopsOnCtrlC() {
    Needed.program("curl");
    run = script("run", "scripts/run");
    await("ready")
        .atMost(Duration.ofSeconds(150))
        .until(() -> run.output().contains("Try it:\n") || !run.runs());
    await("all of it").atMost(Duration.ofSeconds(5)).until(() -> run.output().contains("}'\n"));
    processes = run.handle().descendants().toList();
    assertThat(processes.stream().filter(RunScriptIT::isMuster).count()).isEqualTo(3);
    assertThat(run.output()).contains("http://127.0.0.1:" + port, "Muster is ready");

    Matcher command = COMMAND.matcher(run.output());
    assertThat(command.find()).as(run.output()).isTrue();
    Program tried = script("curl", "sh", "-c", command.group(1));
    assertThat(tried.awaitExit(Duration.ofSeconds(30))).isZero();
    assertThat(HubClient.parse(tried.output()).path("response").asText()).isNotBlank();

    Program e2e = script("e2e", "scripts/e2e");
    assertThat(e2e.awaitExit(Duration.ofSeconds(120))).as(e2e.output()).isZero();
    assertThat(e2e.output()).doesNotContain("FAIL").contains("PASS");

    run.signal("INT");
    assertThat(run.awaitExit(Duration.ofSeconds(60))).as(run.output()).isZero();
    assertThat(run.output()).endsWith("Stopped.\n");
    assertThat(processes).noneMatch(RunScriptIT::isMuster);
  }

  private static boolean isMuster(ProcessHandle process) {
    return process.isAlive()
        && process.info().commandLine().map(line -> line.contains("muster-")).orElse(false);
  }

  private Program script(String name, String... command) {
    Map<String, String> env = new HashMap<>();
    env.put("JAVA_HOME", System.getProperty("java.home"));
    env.put("NO_COLOR", "1");
    env.put("ROOT_NODE_PORT", String.valueOf(port));
    env.put("ROOT_URL", "http://127.0.0.1:" + port);
    env.put("WORKER_PORT", String.valueOf(FreePorts.stretch(2)));
    env.put("CLUSTER_PORT", String.valueOf(FreePorts.stretch(CLUSTER_PORTS)));
    env.put("CLUSTER_PORT_COUNT", String.valueOf(CLUSTER_PORTS));
    env.put("CLUSTER_NAME", "run-script-" + port);
    env.put("DATA_DIR", folder.resolve("data").toString());
    env.put("LOG_DIR", folder.resolve("logs").toString());
    env.put("OLLAMA_DETECT", "false");
    env.put("READY_TIMEOUT_S", "120");
    return Program.start(
        name, withInterrupts(command), Jars.ROOT, folder.resolve(name + ".out"), env);
  }

  /** A test that itself runs in the background may have been told to ignore SIGINT. */
  private static List<String> withInterrupts(String... command) {
    List<String> all = new ArrayList<>(List.of("env", "--default-signal=INT"));
    all.addAll(List.of(command));
    return all;
  }
}
