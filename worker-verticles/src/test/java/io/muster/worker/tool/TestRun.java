package io.muster.worker.tool;

import io.muster.task.TaskError;
import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A run of a tool without a hub. */
public final class TestRun implements ToolContext {
  private static final long PATIENCE_SECONDS = 60;

  private final long leftMs;
  private final List<Runnable> whenOver = new CopyOnWriteArrayList<>();
  private volatile boolean over;

  public TestRun(long leftMs) {
    this.leftMs = leftMs;
  }

  @Override
  public String taskId() {
    return "task-1";
  }

  @Override
  public long attempt() {
    return 1;
  }

  @Override
  public long leftMs() {
    return leftMs;
  }

  @Override
  public boolean isOver() {
    return over;
  }

  @Override
  public void whenOver(Runnable action) {
    whenOver.add(action);
  }

  @Override
  public void progress(Object value) {
    // Nobody follows it.
  }

  /** As when its task is cancelled. */
  public void cancel() {
    over = true;
    whenOver.forEach(Runnable::run);
  }

  /** Runs a tool to its end. */
  public static JsonObject of(Tool tool, JsonObject args) {
    return (JsonObject) await(tool.run(args, new TestRun(30_000)));
  }

  /** Why a tool refuses. */
  public static TaskError refusal(Tool tool, JsonObject args) {
    try {
      Object result = await(tool.run(args, new TestRun(30_000)));
      throw new AssertionError("it answered " + result);
    } catch (ToolException refused) {
      return refused.error();
    }
  }

  public static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}
