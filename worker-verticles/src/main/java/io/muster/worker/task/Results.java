package io.muster.worker.task;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results on their way to a hub: each is said again, ever less often, until a hub has committed it,
 * or says that it does not count. They are kept in memory only: when this process dies, its tasks
 * are run anew elsewhere. Used on the worker's event loop.
 */
final class Results {
  private static final Logger log = LoggerFactory.getLogger(Results.class);
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 5_000;

  /** What it needs of the world. */
  interface Outside {
    /** Asks any hub. */
    Future<Ack> ask(TaskReport report);

    void later(long ms, Runnable action);
  }

  private final Outside outside;
  private final IntUnaryOperator random;
  private final int most;
  private final Map<String, Unacknowledged> unacknowledged = new LinkedHashMap<>();
  private Promise<Void> empty;

  private static final class Unacknowledged {
    final TaskReport.Result result;
    long pauseMs = FIRST_PAUSE_MS;
    boolean asking;

    Unacknowledged(TaskReport.Result result) {
      this.result = result;
    }
  }

  /**
   * @param most that are kept before {@link #isFull}
   * @param random a number from 0 to below its argument
   */
  Results(Outside outside, int most, IntUnaryOperator random) {
    this.outside = outside;
    this.most = most;
    this.random = random;
  }

  /** Whether so much is unacknowledged that nothing new should be begun. */
  boolean isFull() {
    return unacknowledged.size() >= most;
  }

  int size() {
    return unacknowledged.size();
  }

  void add(TaskReport.Result result) {
    // A later attempt of the same task makes the earlier one's result worthless.
    Unacknowledged entry = new Unacknowledged(result);
    unacknowledged.put(result.taskId(), entry);
    ask(entry);
  }

  /**
   * A hub asks for this attempt again: says its result at once, where there is one.
   *
   * @return whether there is
   */
  boolean repeat(String taskId, long attempt) {
    Unacknowledged entry = unacknowledged.get(taskId);
    if (entry == null || entry.result.attempt() != attempt) {
      return false;
    }
    if (!entry.asking) {
      ask(entry);
    }
    return true;
  }

  /** Nobody wants this attempt's result any more. */
  void forget(String taskId, long attempt) {
    Unacknowledged entry = unacknowledged.get(taskId);
    if (entry != null && entry.result.attempt() <= attempt) {
      remove(entry);
    }
  }

  /** When no result waits any more. */
  Future<Void> whenEmpty() {
    if (unacknowledged.isEmpty()) {
      return Future.succeededFuture();
    }
    if (empty == null) {
      empty = Promise.promise();
    }
    return empty.future();
  }

  private boolean isCurrent(Unacknowledged entry) {
    return unacknowledged.get(entry.result.taskId()) == entry;
  }

  private void remove(Unacknowledged entry) {
    if (unacknowledged.remove(entry.result.taskId(), entry)
        && unacknowledged.isEmpty()
        && empty != null) {
      empty.complete();
      empty = null;
    }
  }

  private void ask(Unacknowledged entry) {
    entry.asking = true;
    outside
        .ask(entry.result)
        .onComplete(
            done -> {
              entry.asking = false;
              if (!isCurrent(entry)) {
                return;
              }
              if (done.succeeded()) {
                remove(entry);
              } else if (isFinal(done.cause())) {
                log.info(
                    "the result of task {}, attempt {}, is not taken: {}",
                    entry.result.taskId(),
                    entry.result.attempt(),
                    done.cause().getMessage());
                remove(entry);
              } else {
                againLater(entry);
              }
            });
  }

  private void againLater(Unacknowledged entry) {
    long pause = entry.pauseMs / 2 + random.applyAsInt((int) entry.pauseMs / 2 + 1);
    entry.pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * entry.pauseMs);
    outside.later(
        pause,
        () -> {
          if (isCurrent(entry) && !entry.asking) {
            ask(entry);
          }
        });
  }

  /** Another hub would say the same. */
  private static boolean isFinal(Throwable cause) {
    return cause instanceof FaultException fault
        && (fault.fault().failure() == Failure.CONFLICT
            || fault.fault().failure() == Failure.BAD_REQUEST);
  }
}
