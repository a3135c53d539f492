package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.worker.tunnel.FrpcToml.Admin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The real frpc: where it is, its configuration in a file, its process. */
final class FrpcProgram implements Frpc {
  private static final Logger log = LoggerFactory.getLogger(FrpcProgram.class);
  private static final String CONFIG = "frpc.toml";
  private static final String PID = "frpc.pid";

  /** What of the environment it gets: none of this process' secrets. */
  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "HOME", "LANG", "TZ", "TMPDIR", "http_proxy");

  private final Vertx vertx;
  private final WorkerExecutor blocking;
  private final Path program;
  private final Path folder;
  private final FrpServer server;
  private final String nodeId;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param program a path, or a bare name to be looked for on the PATH
   * @param folder of its configuration, made where it is missing
   */
  FrpcProgram(
      Vertx vertx,
      WorkerExecutor blocking,
      Path program,
      Path folder,
      FrpServer server,
      String nodeId) {
    this.vertx = vertx;
    this.blocking = blocking;
    this.program = program;
    this.folder = folder;
    this.server = server;
    this.nodeId = nodeId;
  }

  @Override
  public Future<Boolean> isInstalled() {
    return blocking.executeBlocking(() -> find().isPresent());
  }

  @Override
  public Future<Running> start(List<Tunnel> tunnels) {
    return blocking.executeBlocking(() -> launch(tunnels));
  }

  private Running launch(List<Tunnel> tunnels) throws IOException {
    Path binary = find().orElseThrow(() -> new IOException("frpc is not installed"));
    PrivateFile.folder(folder);
    endLeftOver();
    Admin admin = new Admin(freePort(), "muster", secret());
    Path config = folder.resolve(CONFIG);
    String text = FrpcToml.of(server, nodeId, admin, tunnels);
    PrivateFile.write(config, text);
    ProcessBuilder builder =
        new ProcessBuilder(binary.toString(), "-c", config.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"));
    Map<String, String> env = builder.environment();
    env.keySet().retainAll(ENVIRONMENT);
    LastWords words =
        new LastWords(
            server.token() == null
                ? List.of(admin.password())
                : List.of(admin.password(), server.token()));
    Process process = builder.start();
    try {
      Files.writeString(folder.resolve(PID), process.pid() + "\n");
    } catch (IOException e) {
      // The next start would not find it, and each start after one that failed makes one more.
      process.destroyForcibly();
      throw e;
    }
    log.info("started frpc, pid {}, with {} tunnels", process.pid(), tunnels.size());
    return new FrpcProcess(
        vertx,
        blocking,
        process,
        words,
        new FrpcAdmin(vertx, admin, nodeId),
        config,
        text,
        next -> FrpcToml.of(server, nodeId, admin, next));
  }

  private Optional<Path> find() {
    if (program.getParent() != null) {
      return isProgram(program) ? Optional.of(program.toAbsolutePath()) : Optional.empty();
    }
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator, -1))
        .filter(dir -> !dir.isEmpty())
        .map(dir -> Path.of(dir).resolve(program))
        .filter(FrpcProgram::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }

  /** The one of a life before this that ended without ending it: two would fight for the names. */
  private void endLeftOver() throws IOException {
    Path file = folder.resolve(PID);
    if (!Files.exists(file)) {
      return;
    }
    String pid = Files.readString(file).strip();
    Files.delete(file);
    if (pid.matches("[0-9]{1,10}")) {
      ProcessHandle.of(Long.parseLong(pid))
          .filter(this::isOurs)
          .ifPresent(
              left -> {
                log.warn("ends frpc, pid {}, which was left over", left.pid());
                left.destroyForcibly();
              });
    }
  }

  private boolean isOurs(ProcessHandle process) {
    String config = folder.resolve(CONFIG).toString();
    return process
        .info()
        .arguments()
        .map(arguments -> List.of(arguments).contains(config))
        .orElse(false);
  }

  private static int freePort() throws IOException {
    // Somebody may take it before frpc does: then it ends, and is started again on another.
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private String secret() {
    byte[] bytes = new byte[24];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
