package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A PostgreSQL server of a test's own, which it may stop, kill and start again. */
public final class PrivatePostgres implements AutoCloseable {
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");

  private final Path binaries;
  private final Path folder;
  private final int port;

  private PrivatePostgres(Path binaries) throws IOException {
    this.binaries = binaries;
    this.folder = Files.createTempDirectory("muster-pg-");
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = socket.getLocalPort();
    }
  }

  /**
   * Makes and starts one. Where PostgreSQL is not installed the test is skipped, on a CI it fails.
   */
  public static PrivatePostgres start() {
    Optional<Path> binaries = binaries();
    if (binaries.isEmpty()) {
      String missing = "no PostgreSQL server is installed below " + DEBIAN;
      if ("true".equals(System.getenv("CI"))
          || "true".equals(System.getenv("MUSTER_REQUIRE_POSTGRES"))) {
        fail(missing);
      }
      assumeTrue(false, missing);
    }
    try {
      PrivatePostgres server = new PrivatePostgres(binaries.orElseThrow());
      if (isRoot()) {
        run(List.of("chown", "postgres", server.folder.toString()));
      }
      server.call("initdb", "-D", server.data(), "-U", "muster", "-A", "trust", "--no-sync");
      server.begin();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Path> binaries() {
    if (!Files.isDirectory(DEBIAN)) {
      return Optional.empty();
    }
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .max(Comparator.naturalOrder());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String url() {
    return "postgres://muster@127.0.0.1:" + port + "/postgres";
  }

  /** Starts the server again. */
  public void begin() {
    call(
        "pg_ctl",
        "-D",
        data(),
        "-w",
        "-l",
        folder.resolve("log").toString(),
        "-o",
        "-p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories=%s".formatted(port, folder),
        "start");
  }

  /** Stops it as an administrator does: its connections are cut. */
  public void stop() {
    call("pg_ctl", "-D", data(), "-w", "-m", "fast", "stop");
  }

  /** Stops it as a power failure does. */
  public void crash() {
    call("pg_ctl", "-D", data(), "-w", "-m", "immediate", "stop");
  }

  private String data() {
    return folder.resolve("data").toString();
  }

  private void call(String program, String... arguments) {
    List<String> command = new ArrayList<>();
    if (isRoot()) {
      command.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of(arguments));
    run(command);
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void run(List<String> command) {
    try {
      Path output = Files.createTempFile("muster-pg-", ".out");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
          throw new AssertionError(
              command + " failed: " + Files.readString(output, StandardCharsets.UTF_8));
        }
      } finally {
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      crash();
    } catch (AssertionError e) {
      // It was stopped already.
    }
    run(List.of("rm", "-rf", folder.toString()));
  }
}
