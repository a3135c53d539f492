package io.muster.worker.tool.code;

import io.vertx.core.Future;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Where code runs that nobody has read: with no network, nothing to write to but a little of its
 * own, none of the node's files and settings, and bounds on all that it takes.
 */
interface Sandbox {
  /** For {@code /info}. */
  String name();

  /**
   * Looks whether it works here, by running something in it; fetches what it needs for that.
   *
   * @param takingLong is told what that is, for people, where it may take long; on the event loop
   * @return the languages that it has; fails with why it cannot be used now, for people
   */
  Future<Set<Language>> look(Consumer<String> takingLong);

  /** Runs something. */
  Run run(Program program);

  /** Ends what runs. */
  Future<Void> close();

  /** A run. Used on the event loop. */
  interface Run {
    /** Fails only where it could not be started. */
    Future<Outcome> outcome();

    /** Ends it and every process that it has begun; harmless when it has ended. */
    void kill();
  }

  /** Why a sandbox cannot be used, in words for the node's owner. */
  final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(String why) {
      super(why, null, false, false);
    }
  }
}
