package io.muster.worker.task;

import io.muster.task.TaskMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * One attempt of a task on this worker.
 *
 * <pre>
 *   RUNNING ──▶ OVER   done, failed, its time is over, or nobody wants it any more
 * </pre>
 */
final class TaskRun implements ToolContext {
  private static final long MS = 1_000_000;

  final TaskMessage.Assign assign;
  final long startedAt;

  /** The hubs know that it is here. */
  boolean told;

  private final LongSupplier nanoTime;
  private final Consumer<Object> progress;
  private final List<Runnable> whenOver = new ArrayList<>(1);
  private boolean over;

  TaskRun(TaskMessage.Assign assign, LongSupplier nanoTime, Consumer<Object> progress) {
    this.assign = assign;
    this.nanoTime = nanoTime;
    this.progress = progress;
    this.startedAt = nanoTime.getAsLong();
  }

  @Override
  public String taskId() {
    return assign.taskId();
  }

  @Override
  public long attempt() {
    return assign.attempt();
  }

  @Override
  public long leftMs() {
    return Math.max(0, assign.timeoutMs() - elapsedMs());
  }

  long elapsedMs() {
    return (nanoTime.getAsLong() - startedAt) / MS;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public void whenOver(Runnable action) {
    if (over) {
      action.run();
    } else {
      whenOver.add(action);
    }
  }

  @Override
  public void progress(Object value) {
    if (!over) {
      progress.accept(value);
    }
  }

  /** It has ended by itself: nothing needs to be stopped. */
  void ended() {
    over = true;
    whenOver.clear();
  }

  /** Stops whatever it runs. */
  void stop() {
    if (!over) {
      over = true;
      whenOver.forEach(Runnable::run);
      whenOver.clear();
    }
  }
}
