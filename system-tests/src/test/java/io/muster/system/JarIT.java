package io.muster.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fat jars with nothing but {@code java -jar}, on every Java of this machine that they are for.
 */
class JarIT {
  private static final Path INSTALLED = Path.of("/usr/lib/jvm");

  /** On an idle machine it takes two or three seconds; this one may be busy. */
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  @RegisterExtension final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  /** The Java of this test, and a 17 and a 25 where they are installed. */
  static Stream<Path> javas() throws IOException {
    List<Path> javas = new ArrayList<>(List.of(Jars.java().toRealPath()));
    if (Files.isDirectory(INSTALLED)) {
      try (Stream<Path> folders = Files.list(INSTALLED)) {
        for (Path folder : folders.sorted().toList()) {
          Path java = folder.resolve("bin/java");
          Path release = folder.resolve("release");
          if (Files.isExecutable(java)
              && Files.isReadable(release)
              && Files.readString(release).matches("(?s).*JAVA_VERSION=\"(17|25)[.\"].*")
              && !javas.contains(java.toRealPath())) {
            javas.add(java.toRealPath());
          }
        }
      }
    }
    return javas.stream();
  }

  @ParameterizedTest
  @MethodSource("javas")
  void bothStartInTimeWithoutAnyWarning(Path java) {
    int workerPort = FreePorts.one();
    Map<String, String> env = fleet.hubEnv();
    env.put("WORKER_PORT", String.valueOf(workerPort));
    env.put("OLLAMA_DETECT", "false");
    Program hub = start("hub", java, Jars.HUB, env);
    env.put("DATA_DIR", fleet.folder().resolve("worker-data").toString());
    env.put("LOG_DIR", fleet.folder().resolve("worker-logs").toString());
    Program worker = start("worker", java, Jars.WORKER, env);
    try {
      long started = System.nanoTime();
      awaitReady(hub, fleet.hub());
      awaitReady(worker, new HubClient("http://127.0.0.1:" + workerPort));
      System.out.printf(
          "%s: both ready after %d ms%n", java, (System.nanoTime() - started) / 1_000_000);
      await("the worker at the hub")
          .atMost(READY_WITHIN)
          .until(() -> fleet.hub().getJson("/api/workers").path("online").asInt() == 1);
      assertThat(fleet.hub().post("/api/chat", "{\"message\":\"hello\"}").statusCode())
          .isEqualTo(200);
      for (Program program : List.of(hub, worker)) {
        program.signal("TERM");
        assertThat(program.awaitExit(Duration.ofSeconds(30))).isZero();
        assertThat(program.output().lines()).noneMatch(line -> line.contains("WARNING"));
      }
    } finally {
      hub.close();
      worker.close();
    }
  }

  @Test
  void docsListTheSettingsAsTheProcessesKnowThem() throws Exception {
    String table = printed(Jars.HUB);
    String docs = Files.readString(Jars.ROOT.resolve("docs/settings.md"), UTF_8);

    assertThat(table).startsWith("## ").isEqualTo(printed(Jars.WORKER));
    assertThat(docs.substring(docs.indexOf("\n## ") + 1))
        .as("docs/settings.md; the tables are what --print-settings prints")
        .isEqualTo(table);
  }

  private String printed(Path jar) {
    Path log = fleet.folder().resolve(jar.getFileName() + ".settings");
    Program program =
        Program.start(
            "settings",
            Jars.plain(Jars.java(), jar, "--print-settings"),
            fleet.folder(),
            log,
            Map.of());
    assertThat(program.awaitExit(Duration.ofSeconds(60))).as(program.output()).isZero();
    return program.output();
  }

  private Program start(String name, Path java, Path jar, Map<String, String> env) {
    return Program.start(
        name, Jars.plain(java, jar), fleet.folder(), fleet.folder().resolve(name + ".out"), env);
  }

  private static void awaitReady(Program program, HubClient http) {
    await("ready")
        .atMost(READY_WITHIN)
        .pollInterval(Duration.ofMillis(50))
        .failFast(() -> assertThat(program.runs()).as(program.output()).isTrue())
        .until(http::isReady);
  }
}
