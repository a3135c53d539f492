package io.muster.worker.task;

import io.muster.task.TaskError;

/** Why a tool did not do what it was asked; without a stack trace, since it is an answer. */
public final class ToolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient TaskError error;

  public ToolException(TaskError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  /** The arguments are wrong: no further attempt can help. */
  public static ToolException invalid(String message) {
    return new ToolException(TaskError.lasting("invalid_arguments", message));
  }

  /** What goes to the hub. */
  public TaskError error() {
    return error;
  }
}
