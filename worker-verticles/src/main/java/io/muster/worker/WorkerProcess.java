package io.muster.worker;

import io.muster.node.NodeAnswer;
import io.muster.runtime.log.Logs;
import io.muster.worker.control.LogPages;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The process that a worker runs in.
 *
 * @param refused is told why a hub does not take the worker; it is of no use then
 * @param end ends the process in order; true: it should be started again
 * @param logs its logs, where it has any of its own
 */
public record WorkerProcess(Consumer<String> refused, Consumer<Boolean> end, Optional<Logs> logs) {

  /** The last lines of at least this level; none where the logs are somebody else's. */
  NodeAnswer.LogPage recentLogs(String level, int limit) {
    return logs.map(own -> LogPages.of(own.recent(), level, limit))
        .orElseGet(() -> new NodeAnswer.LogPage(List.of(), 0));
  }
}
