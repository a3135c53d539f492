package io.muster.worker;

import io.muster.runtime.log.Logs;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The process that a worker runs in.
 *
 * @param refused is told why a hub does not take the worker; it is of no use then
 * @param end ends the process in order; true: it should be started again
 * @param logs its logs, where it has any of its own
 */
public record WorkerProcess(Consumer<String> refused, Consumer<Boolean> end, Optional<Logs> logs) {}
