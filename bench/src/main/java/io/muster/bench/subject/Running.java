package io.muster.bench.subject;

import java.util.List;
import java.util.Map;

/**
 * A subject that answers on a port of loopback.
 *
 * @param name short name, as in {@code --only}
 * @param version program and version, for the report
 * @param headers what a request to it needs in addition
 * @param owned its processes in the order they started; closing ends them
 * @param parts the processes whose use is measured
 */
public record Running(
    String name,
    String version,
    int port,
    Map<String, String> headers,
    List<ChildProcess> owned,
    List<Part> parts)
    implements AutoCloseable {

  public Running {
    headers = Map.copyOf(headers);
    owned = List.copyOf(owned);
    parts = List.copyOf(parts);
  }

  /** Fails with the end of its log if a process has ended. */
  public void requireAlive() {
    for (ChildProcess process : owned) {
      if (!process.alive()) {
        throw new IllegalStateException(
            name + ": " + process.name() + " has ended:\n" + process.lastOutput());
      }
    }
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }
}
