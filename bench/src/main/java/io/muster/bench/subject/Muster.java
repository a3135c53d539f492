package io.muster.bench.subject;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Muster as it ships: a hub and a worker, each a process of its fat jar with the shipped JVM
 * options, on one clustered bus. What differs from the defaults is only where things are and how
 * many jobs the one worker takes, and connections it holds, at once: as many as the nginx and
 * HAProxy beside it may.
 */
public final class Muster implements Subject {
  private final String revision;
  private final boolean profiled;

  /**
   * Describes the subject.
   *
   * @param revision the commit measured
   * @param profiled whether its processes shall tell a profiler the exact place of inlined code
   */
  public Muster(String revision, boolean profiled) {
    this.revision = revision;
    this.profiled = profiled;
  }

  @Override
  public String name() {
    return "muster";
  }

  @Override
  public Running start(Workshop workshop) throws SubjectMissing, IOException {
    Path hubJar = jar(workshop, "hub");
    Path workerJar = jar(workshop, "worker");
    Path dir = workshop.folder(name());
    List<Integer> ports = Workshop.freePorts(4);
    int hubPort = ports.get(0);
    String members = "127.0.0.1:" + ports.get(2) + ",127.0.0.1:" + ports.get(3);

    Map<String, String> hub = settings(dir, "hub", members, ports.get(2));
    hub.put("ROOT_NODE_PORT", Integer.toString(hubPort));
    Map<String, String> worker = settings(dir, "worker", members, ports.get(3));
    worker.put("WORKER_PORT", Integer.toString(ports.get(1)));
    worker.put("WORKER_MAX_CONCURRENT", "1024");
    worker.put("PROVIDER_POOL_SIZE", "1024");
    worker.put("OPENAI_BASE_URL", "http://127.0.0.1:" + workshop.upstreamPort() + "/v1");
    worker.put("OPENAI_API_KEY", "bench");
    worker.put("OLLAMA_DETECT", "false");

    ChildProcess hubProcess = ChildProcess.start("hub", dir, hub, command(workshop, hubJar));
    ChildProcess workerProcess =
        ChildProcess.start("worker", dir, worker, command(workshop, workerJar));
    return new Running(
        name(),
        "Muster "
            + revision
            + ", one hub and one worker; WORKER_MAX_CONCURRENT and PROVIDER_POOL_SIZE 1024",
        hubPort,
        Map.of(),
        List.of(hubProcess, workerProcess),
        List.of(
            new Part("muster hub", hubProcess.pid()),
            new Part("muster worker", workerProcess.pid())));
  }

  private static Map<String, String> settings(Path dir, String role, String members, int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("DATA_DIR", dir.resolve(role + "-data").toString());
    settings.put("LOG_DIR", dir.resolve(role + "-logs").toString());
    settings.put("CLUSTER_NAME", "muster-bench");
    settings.put("CLUSTER_MEMBERS", members);
    settings.put("CLUSTER_PORT", Integer.toString(port));
    settings.put("CLUSTER_PORT_COUNT", "1");
    return settings;
  }

  private List<String> command(Workshop workshop, Path jar) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (profiled) {
      command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints"));
    }
    Path options = workshop.root().resolve("conf/jvm.options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.add("-jar");
    command.add(jar.toString());
    return command;
  }

  private static Path jar(Workshop workshop, String role) throws SubjectMissing {
    Path jar = workshop.root().resolve(role + "-verticles/target/muster-" + role + ".jar");
    if (!Files.exists(jar)) {
      throw new SubjectMissing(jar.getFileName() + " is not built: ./mvnw -DskipTests package");
    }
    return jar;
  }
}
