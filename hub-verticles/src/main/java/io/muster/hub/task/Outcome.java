package io.muster.hub.task;

import io.muster.task.TaskError;

/**
 * How one attempt ended.
 *
 * @param result JSON, where it succeeded
 * @param error where it did not
 */
record Outcome(Kind kind, String result, TaskError error) {
  /** What a hub makes of an attempt's end. */
  enum Kind {
    COMPLETED("completed"),
    /** The tool said no: its own fault, or the arguments'. */
    FAILED("failed"),
    TIMED_OUT("timed_out"),
    /** The node is gone: not the task's fault, most likely. */
    LOST("node_lost"),
    /** The node never began: full, stopping, or not to be reached. */
    REFUSED("refused");

    private final String label;

    Kind(String label) {
      this.label = label;
    }

    String label() {
      return label;
    }
  }

  static Outcome completed(String result) {
    return new Outcome(Kind.COMPLETED, result, null);
  }

  /** What a node reported. */
  static Outcome of(TaskError error) {
    Kind kind =
        switch (error.code()) {
          case TaskError.BUSY -> Kind.REFUSED;
          case TaskError.TIMEOUT -> Kind.TIMED_OUT;
          case TaskError.NODE_LOST -> Kind.LOST;
          default -> Kind.FAILED;
        };
    return new Outcome(kind, null, error);
  }

  static Outcome timedOut(long timeoutMs) {
    return of(TaskError.of(TaskError.TIMEOUT, "no result within " + timeoutMs + " ms"));
  }

  static Outcome lost(String why) {
    return of(TaskError.of(TaskError.NODE_LOST, why));
  }

  static Outcome undelivered(String why) {
    return of(TaskError.of(TaskError.BUSY, "it could not be handed to the node: " + why));
  }
}
