package io.muster.bench.subject;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where subjects are set up: a temporary folder, the upstream's port, free ports, configuration
 * templates and installed programs.
 *
 * @param root the repository
 * @param dir the temporary folder
 * @param upstreamPort where the upstream listens on loopback
 */
public record Workshop(Path root, Path dir, int upstreamPort) {

  /** A new folder for a subject. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(dir.resolve(name));
  }

  /** Removes the temporary folder. */
  public void remove() {
    try (Stream<Path> files = Files.walk(dir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      System.err.println("bench: could not remove " + dir + ": " + e);
    }
  }

  /** The given number of different ports that nobody listens on now. */
  static List<Integer> freePorts(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    List<Integer> ports = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return List.copyOf(ports);
  }

  /**
   * Writes a template of this package to a file, each <code>${name}</code> replaced by its value.
   */
  static void write(String template, Map<String, Object> values, Path file) throws IOException {
    try (InputStream in = Workshop.class.getResourceAsStream(template)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (Map.Entry<String, Object> value : values.entrySet()) {
        text = text.replace("${" + value.getKey() + "}", value.getValue().toString());
      }
      Files.writeString(file, text);
    }
  }

  /** A program of the PATH, or of the folders for servers, which PATH may lack. */
  static Path program(String name, String hint) throws SubjectMissing {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    return Stream.of((path + ":/usr/sbin:/usr/local/sbin").split(":", -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new SubjectMissing(name + " is not installed: " + hint));
  }

  /** The first line that a command prints. */
  static String firstLine(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (InputStream out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8).lines().findFirst().orElse("?");
    }
  }
}
