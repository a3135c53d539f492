package io.muster.hub.task;

import io.muster.hub.storage.StorableText;
import io.muster.task.TaskError;
import io.muster.task.TaskNews;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks that a part of the hub itself waits for, a chat that uses a tool: made, followed to their
 * end, and cancelled when their time is over or nobody wants them. Used on the hub's event loop.
 */
public final class AwaitedTasks {
  private static final Logger log = LoggerFactory.getLogger(AwaitedTasks.class);

  /** News may get lost between hubs. */
  private static final long LOOK_MS = 5_000;

  private static final int PRIORITY = 5;

  private final Vertx vertx;
  private final TaskDesk desk;
  private final TaskStore store;
  private final TaskWatchers watchers;
  private final int maxArgsBytes;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final Set<Running> running = new LinkedHashSet<>();

  AwaitedTasks(
      Vertx vertx,
      TaskDesk desk,
      TaskStore store,
      TaskWatchers watchers,
      int maxArgsBytes,
      Clock clock,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.vertx = vertx;
    this.desk = desk;
    this.store = store;
    this.watchers = watchers;
    this.maxArgsBytes = maxArgsBytes;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /** A task that runs. */
  public interface Run {
    /** Fails where the task cannot be taken, or the database cannot be asked any more. */
    Future<Ended> ended();

    /** Has it run with each word of progress, a JSON value. */
    void onProgress(Consumer<Object> listener);

    /** Harmless when it has ended. */
    void cancel(String reason);
  }

  /**
   * How it ended.
   *
   * @param completed whether the tool did what it was asked
   * @param value its result, a JSON value
   * @param code why it did not complete, null where it did
   * @param nodeId of the last attempt, null where there was none
   */
  public record Ended(
      boolean completed,
      Object value,
      String code,
      String message,
      String nodeId,
      String taskId,
      long elapsedMs) {}

  /**
   * Makes a task, whose tool is tried once; again only where its node was lost.
   *
   * @param timeoutMs of all of it, waiting for a node included
   */
  public Run run(String tool, JsonObject args, long timeoutMs, String caller) {
    String text = StorableText.of(args.encode());
    if (text.getBytes(StandardCharsets.UTF_8).length > maxArgsBytes) {
      return refused(
          "invalid_arguments",
          "the arguments are longer than the "
              + maxArgsBytes
              + " bytes of TASK_MAX_ARGS_BYTES: hand over where to find them instead");
    }
    long now = clock.millis();
    TaskSpec spec =
        new TaskSpec(
            TaskSpec.newId(now, random),
            StorableText.of(caller),
            new Needs(tool, null, null, Set.of()),
            text,
            Math.max(1, timeoutMs),
            PRIORITY,
            0,
            List.of(),
            false,
            null,
            "",
            now);
    Running run = new Running(spec);
    running.add(run);
    run.begin();
    return run;
  }

  /** Ends what still runs: the hub stops, and nobody waits for it any more. */
  void close() {
    for (Running each : Set.copyOf(running)) {
      each.cancel("the hub stops");
    }
  }

  private static Run refused(String code, String message) {
    Future<Ended> ended =
        Future.succeededFuture(new Ended(false, null, code, message, null, null, 0));
    return new Run() {
      @Override
      public Future<Ended> ended() {
        return ended;
      }

      @Override
      public void onProgress(Consumer<Object> listener) {
        // There is none.
      }

      @Override
      public void cancel(String reason) {
        // There is nothing to end.
      }
    };
  }

  /** One task that is waited for. */
  private final class Running implements Run {
    private final TaskSpec spec;
    private final long startedAt = nanoTime.getAsLong();
    private final Promise<Ended> ended = Promise.promise();
    private Runnable unwatch = () -> {};
    private Consumer<Object> progress = told -> {};
    private long deadline;
    private long looks;
    private boolean submitted;
    private boolean over;

    Running(TaskSpec spec) {
      this.spec = spec;
    }

    @Override
    public Future<Ended> ended() {
      return ended.future();
    }

    void begin() {
      unwatch = watchers.watch(spec.id(), this::heard);
      deadline = vertx.setTimer(spec.timeoutMs(), id -> timedOut());
      looks = vertx.setPeriodic(LOOK_MS, id -> look());
      desk.submit(spec)
          .onFailure(
              cause -> {
                if (close()) {
                  ended.fail(cause);
                }
              })
          .onSuccess(
              added -> {
                submitted = true;
                if (over) {
                  stop("nobody waits for it any more");
                } else if (added.task().status().isFinal()) {
                  end(added.task());
                }
              });
    }

    @Override
    public void onProgress(Consumer<Object> listener) {
      progress = listener;
    }

    private void heard(TaskNews.Change change) {
      if (change.progress() != null && !over) {
        progress.accept(Json.value(new String(change.progress(), StandardCharsets.UTF_8)));
      }
      if (TaskStatus.of(change.status()).map(TaskStatus::isFinal).orElse(false)) {
        look();
      }
    }

    private void look() {
      if (!submitted || over) {
        return;
      }
      store
          .find(spec.id())
          .onSuccess(
              found -> {
                if (found.isEmpty()) {
                  end("cancelled", "the task is gone", null);
                } else if (found.get().status().isFinal()) {
                  end(found.get());
                }
              })
          .onFailure(
              cause -> log.debug("task {} is not found now: {}", spec.id(), cause.toString()));
    }

    private void timedOut() {
      if (!over) {
        end(
            TaskError.TIMEOUT,
            "the tool did not end within " + spec.timeoutMs() + " ms, waiting included",
            null);
        stop("its time is over");
      }
    }

    @Override
    public void cancel(String reason) {
      if (!over) {
        end("cancelled", reason, null);
        stop(reason);
      }
    }

    private void stop(String reason) {
      if (submitted) {
        desk.cancel(spec.id(), reason)
            .onFailure(
                cause -> log.warn("task {} is not cancelled: {}", spec.id(), cause.toString()));
      }
    }

    private void end(TaskView task) {
      if (task.status() == TaskStatus.COMPLETED) {
        if (close()) {
          ended.complete(
              new Ended(
                  true,
                  Json.value(task.result()),
                  null,
                  null,
                  task.nodeId(),
                  spec.id(),
                  elapsedMs()));
        }
        return;
      }
      JsonObject error = Json.value(task.error()) instanceof JsonObject told ? told : null;
      end(
          error == null ? task.status().label() : error.getString("code", TaskError.TOOL_FAILED),
          error == null
              ? "the task is " + task.status().label()
              : error.getString("message", "the node gave no reason"),
          task.nodeId());
    }

    private void end(String code, String message, String nodeId) {
      if (close()) {
        ended.complete(new Ended(false, null, code, message, nodeId, spec.id(), elapsedMs()));
      }
    }

    private boolean close() {
      if (over) {
        return false;
      }
      over = true;
      running.remove(this);
      unwatch.run();
      vertx.cancelTimer(deadline);
      vertx.cancelTimer(looks);
      return true;
    }

    private long elapsedMs() {
      return (nanoTime.getAsLong() - startedAt) / 1_000_000;
    }
  }
}
