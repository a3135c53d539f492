package io.muster.system;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A hub and workers as processes of their fat jars, on ports and in a folder of their own. When a
 * test fails, the end of every log is shown.
 */
final class Fleet implements AfterTestExecutionCallback, AutoCloseable {
  private static final int CLUSTER_PORTS = 12;
  static final Duration START_LIMIT = Duration.ofSeconds(90);

  private final Path folder = temporaryFolder();
  private final int hubPort = FreePorts.one();
  private final int clusterPort = FreePorts.stretch(CLUSTER_PORTS);
  private final Map<String, String> hubSettings = new HashMap<>();
  private final Map<String, Map<String, String>> workerSettings = new LinkedHashMap<>();
  private final Map<String, Program> programs = new LinkedHashMap<>();
  private final Map<String, Island> islands = new HashMap<>();
  private final Map<String, List<String>> javas = new HashMap<>();
  private final HubClient hub = new HubClient("http://127.0.0.1:" + hubPort);
  private boolean failed;

  /** Settings of the hub beyond those that put it where it is. */
  Fleet hubWith(String name, String value) {
    hubSettings.put(name, value);
    if (name.equals("API_KEYS")) {
      hub.key(value);
    }
    return this;
  }

  /** The hub as clients see it. */
  HubClient hub() {
    return hub;
  }

  Program program(String name) {
    return programs.get(name);
  }

  Path folder() {
    return folder;
  }

  /** Starts the hub, or starts it again with the same data, and waits until it is ready. */
  Program startHub() {
    Program program = launch("hub", Jars.HUB, hubEnv());
    awaitReady(program, hub);
    return program;
  }

  /** Starts workers that have these settings alike, and waits until the hub has them. */
  Fleet startWorkers(Map<String, String> settings, String... ids) {
    launchWorkers(settings, ids);
    for (String id : ids) {
      awaitOnline(id);
    }
    return this;
  }

  /** This worker is put on an island: it can reach the hub, and nothing can reach it. */
  Fleet on(Island island, String id) {
    islands.put(id, island);
    return this;
  }

  /** This worker is run by another Java, given by the words of a command. */
  Fleet with(List<String> java, String id) {
    javas.put(id, java);
    return this;
  }

  /** Starts workers that have these settings alike; waits for nothing. */
  Fleet launchWorkers(Map<String, String> settings, String... ids) {
    for (String id : ids) {
      workerSettings.put(id, settings);
      launchWorker(id);
    }
    return this;
  }

  /** Starts a worker again that has ended. */
  Program launchWorker(String id) {
    Map<String, String> env = common(id);
    env.put("WORKER_ID", id);
    env.put("WORKER_PORT", "0");
    env.put("OLLAMA_DETECT", "false");
    Island island = islands.get(id);
    if (island != null) {
      env.put("ROOT_NODE_URL", "http://" + island.hubHost() + ":" + hubPort);
    }
    env.putAll(workerSettings.get(id));
    return launch(id, Jars.WORKER, env);
  }

  void awaitOnline(String id) {
    awaitOnline(id, START_LIMIT);
  }

  void awaitOnline(String id, Duration limit) {
    await(id + " online")
        .atMost(limit)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              if (!programs.get(id).runs()) {
                throw new IllegalStateException("it ended\n" + programs.get(id).tail());
              }
              // A machine that is nearly full or busy for minutes is no reason not to go on.
              return Set.of("online", "degraded").contains(hub.status(id));
            });
  }

  /** The environment of the hub, for tests that start it in another way. */
  Map<String, String> hubEnv() {
    Map<String, String> env = common("hub");
    env.put("ROOT_NODE_PORT", String.valueOf(hubPort));
    env.putAll(hubSettings);
    return env;
  }

  /** What was logged by one of them, in all its lives. */
  String logOf(String name) {
    try {
      Path file = folder.resolve(name).resolve("logs/app.log");
      return Files.exists(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void afterTestExecution(ExtensionContext context) {
    if (context.getExecutionException().isPresent()) {
      failed = true;
      System.err.println("Logs in " + folder);
      programs.values().forEach(program -> System.err.println(program.tail()));
    }
  }

  @Override
  public void close() {
    programs.values().forEach(Program::close);
    if (!failed) {
      delete(folder);
    }
  }

  private Program launch(String name, Path jar, Map<String, String> env) {
    Program before = programs.get(name);
    if (before != null && before.runs()) {
      throw new IllegalStateException(name + " still runs");
    }
    Path log = folder.resolve(name + ".out");
    List<String> command = new ArrayList<>();
    Island island = islands.get(name);
    if (island != null) {
      command.addAll(island.enter());
    }
    command.addAll(javas.getOrDefault(name, List.of(Jars.java().toString())));
    command.addAll(Jars.arguments(jar));
    Program program = Program.start(name, command, folder, log, env);
    programs.put(name, program);
    return program;
  }

  private Map<String, String> common(String name) {
    Map<String, String> env = new HashMap<>();
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", String.valueOf(CLUSTER_PORTS));
    env.put("CLUSTER_NAME", "test-" + clusterPort);
    env.put("DATA_DIR", folder.resolve(name).resolve("data").toString());
    env.put("LOG_DIR", folder.resolve(name).resolve("logs").toString());
    return env;
  }

  static void awaitReady(Program program, HubClient hub) {
    await("hub ready")
        .atMost(START_LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              if (!program.runs()) {
                throw new IllegalStateException("it ended\n" + program.tail());
              }
              return hub.isReady();
            });
  }

  static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("muster-system");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("left behind: " + folder + ": " + e);
    }
  }

  /** Requests that each worker has been sent, as /api/metrics counts them. */
  Map<String, Long> requestsByWorker() {
    Map<String, Long> requests = new LinkedHashMap<>();
    for (JsonNode worker : hub.getJson("/api/metrics").path("workers")) {
      requests.put(worker.path("id").asText(), worker.path("requests").asLong());
    }
    return requests;
  }
}
