package io.muster.runtime.process;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Hears signals. A shutdown hook would do the same work, but then the process exits with 143 for a
 * SIGTERM whatever the hook does, and service managers take that for a crash.
 */
final class Signals {
  private static final Logger log = LoggerFactory.getLogger(Signals.class);

  private Signals() {}

  /** Runs the action on a thread of its own whenever the signal comes, in place of the default. */
  static void on(String name, Runnable action) {
    try {
      Signal.handle(
          new Signal(name),
          signal -> {
            log.info("Stopping on SIG{}", name);
            action.run();
          });
    } catch (IllegalArgumentException e) {
      // The virtual machine keeps it for itself (-Xrs).
      log.warn("SIG{} cannot be heard: {}", name, e.getMessage());
    }
  }
}
