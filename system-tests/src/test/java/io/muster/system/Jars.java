package io.muster.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the things are that are shipped, and how they are started. */
final class Jars {
  static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  static final Path HUB = ROOT.resolve("hub-verticles/target/muster-hub.jar");
  static final Path WORKER = ROOT.resolve("worker-verticles/target/muster-worker.jar");

  private Jars() {}

  /** The Java that runs this test. */
  static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** What comes behind the Java's own name where scripts/run starts them. */
  static List<String> arguments(Path jar) {
    List<String> command = shipped(jar);
    return command.subList(1, command.size());
  }

  /** As scripts/run starts them. */
  static List<String> shipped(Path jar, String... arguments) {
    String role = jar.getFileName().toString().replaceAll("^muster-|\\.jar$", "");
    Path options = ROOT.resolve("conf/jvm-" + role + ".options");
    return command(java(), List.of("@" + options), jar, arguments);
  }

  /** With a Java of its own, and nothing but {@code -jar}. */
  static List<String> plain(Path java, Path jar, String... arguments) {
    return command(java, List.of(), jar, arguments);
  }

  private static List<String> command(
      Path java, List<String> options, Path jar, String... arguments) {
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          jar + " is missing: ./mvnw package -DskipTests -pl hub-verticles,worker-verticles -am");
    }
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(options);
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(List.of(arguments));
    return command;
  }
}
