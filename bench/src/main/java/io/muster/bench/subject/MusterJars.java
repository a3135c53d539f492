package io.muster.bench.subject;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Starts Muster's fat jars with the shipped JVM options, each with data of its own. */
final class MusterJars {
  private final Workshop workshop;
  private final Path dir;
  private final String members;
  private final boolean profiled;

  /**
   * @param dir where their data and logs go
   * @param members the cluster's, as {@code host:port,…}
   * @param profiled whether they shall tell a profiler the exact place of inlined code
   * @throws SubjectMissing if they are not built
   */
  MusterJars(Workshop workshop, Path dir, String members, boolean profiled) throws SubjectMissing {
    for (String role : List.of("hub", "worker")) {
      Path jar = jar(workshop, role);
      if (!Files.exists(jar)) {
        throw new SubjectMissing(jar.getFileName() + " is not built: ./mvnw -DskipTests package");
      }
    }
    this.workshop = workshop;
    this.dir = dir;
    this.members = members;
    this.profiled = profiled;
  }

  /** Where a process keeps what it has, and how it finds the others. */
  Map<String, String> settings(String role, int clusterPort) {
    Map<String, String> settings = new HashMap<>();
    settings.put("DATA_DIR", dir.resolve(role + "-data").toString());
    settings.put("LOG_DIR", dir.resolve(role + "-logs").toString());
    settings.put("CLUSTER_NAME", "muster-bench");
    settings.put("CLUSTER_MEMBERS", members);
    settings.put("CLUSTER_PORT", Integer.toString(clusterPort));
    settings.put("CLUSTER_PORT_COUNT", "1");
    return settings;
  }

  /** Starts {@code hub} or {@code worker}. */
  ChildProcess start(String role, Map<String, String> settings) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (profiled) {
      command.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:+DebugNonSafepoints"));
    }
    Path options = workshop.root().resolve("conf/jvm-" + role + ".options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.add("-jar");
    command.add(jar(workshop, role).toString());
    return ChildProcess.start(role, dir, settings, command);
  }

  private static Path jar(Workshop workshop, String role) {
    return workshop.root().resolve(role + "-verticles/target/muster-" + role + ".jar");
  }
}
