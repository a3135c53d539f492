package io.muster.worker.task;

/** What a run of a tool knows beside its arguments. Used on the worker's event loop. */
public interface ToolContext {
  String taskId();

  /** The number of the attempt, from 1. */
  long attempt();

  /** Milliseconds that are left of the task's time-out. */
  long leftMs();

  /** Whether nobody wants its result any more. */
  boolean isOver();

  /** Is run once, when nobody wants the result any more: cancelled, or its time is over. */
  void whenOver(Runnable action);

  /** Tells whoever follows the task how far it is; a JSON value. */
  void progress(Object value);
}
