package io.muster.worker.mcp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * A command and whatever it begins, known by a variable that each of them inherits: the SDK asks
 * the command alone to end, once, and keeps its handle to itself. Where the system does not show
 * what processes inherited, none is found.
 */
final class MarkedProcesses {
  private static final String VARIABLE = "MUSTER_MCP_SERVER";

  private final String value = UUID.randomUUID().toString();

  void mark(ProcessBuilder command) {
    command.environment().put(VARIABLE, value);
  }

  /** Ends those that are still there, by force; blocks. */
  void kill() {
    ProcessHandle.allProcesses().filter(this::isMarked).forEach(ProcessHandle::destroyForcibly);
  }

  private boolean isMarked(ProcessHandle process) {
    try {
      byte[] environment = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
      return new String(environment, StandardCharsets.ISO_8859_1)
          .contains(VARIABLE + "=" + value + "\0");
    } catch (IOException e) {
      // Another's, or gone.
      return false;
    }
  }
}
