package io.muster.hub.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * MCP's official TypeScript client and its conformance suite against the hub, as npm installs them
 * in src/test/mcp. What the suite finds and is known stands in conformance-*.yml, each with its
 * reason.
 */
class McpClientsIT {
  private static final Path FOLDER = Path.of("src/test/mcp").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @TempDir private Path folder;

  @Test
  void theOfficialClientWorksUnchanged() throws Exception {
    try (McpHub hub = new McpHub(List.of("client-key"), Map.of())) {
      Path log = folder.resolve("client.out");
      Process client =
          start(log, Map.of("MUSTER_MCP", hub.url(), "MUSTER_KEY", "client-key"), "client.mjs");
      await("it listens, or its end")
          .atMost(LIMIT)
          .until(() -> Files.readString(log).contains("listens") || !client.isAlive());
      hub.run(() -> hub.fleet.withdraw("echo"));
      assertThat(exit(client)).as(Files.readString(log)).isZero();
      assertThat(Files.readString(log)).contains("all 11 passed");
      await("stopped on the node").atMost(LIMIT).until(() -> hub.fleet.aborted.size() == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2025-11-25", "2026-07-28"})
  void theSuiteFindsWhatIsKnownAndNothingElse(String version) throws Exception {
    try (McpHub hub = new McpHub(List.of(), Map.of())) {
      Path log = folder.resolve("suite.out");
      Process suite =
          start(
              log,
              Map.of(),
              "node_modules/@modelcontextprotocol/conformance/dist/index.js",
              "server",
              "--url",
              hub.url(),
              "--requirements",
              version,
              "--expected-failures",
              FOLDER.resolve("conformance-" + version + ".yml").toString());
      assertThat(exit(suite)).as(Files.readString(log)).isZero();
      assertThat(Files.readString(log)).contains("tools-call-with-progress");
    }
  }

  /** By the Node of the folder: the suite needs a newer one than Debian 12 has. */
  private static Process start(Path log, Map<String, String> env, String... arguments)
      throws IOException {
    String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
    Path node = FOLDER.resolve("node_modules/node-linux-" + arch + "/bin/node");
    boolean there = Files.isExecutable(node);
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as("npm ci in " + FOLDER).isTrue();
    }
    Assumptions.assumeTrue(there, "needs npm ci in " + FOLDER);
    List<String> command = new ArrayList<>(List.of(node.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(env);
    return builder.start();
  }

  private static int exit(Process process) throws InterruptedException {
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
