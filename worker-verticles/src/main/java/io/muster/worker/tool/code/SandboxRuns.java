package io.muster.worker.tool.code;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * The lives of runs, whatever they run in: each works on a thread of its own, is ended when its
 * time is over or nobody wants it any more, and is told as an outcome.
 */
final class SandboxRuns {
  private static final int KILLED = 137;

  private final Vertx vertx;
  private final WorkerExecutor executor;
  private final int outputBytes;
  private final LongSupplier nanoTime;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();

  /**
   * @param outputBytes kept of each of a run's two outputs
   */
  SandboxRuns(Vertx vertx, WorkerExecutor executor, int outputBytes, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.executor = executor;
    this.outputBytes = outputBytes;
    this.nanoTime = nanoTime;
  }

  /** What is done in a run. */
  interface Work {
    /**
     * Does it to its end; blocks.
     *
     * @return the exit code
     */
    int run(Running run) throws IOException, InterruptedException;
  }

  /** Begins a run; on the event loop. */
  Sandbox.Run begin(long timeoutMs, Work work) {
    Running run = new Running();
    running.add(run);
    run.begin(timeoutMs, work);
    return run;
  }

  /** Ends all of them. */
  Future<Void> close() {
    List<Future<Outcome>> ends = running.stream().map(Running::outcome).toList();
    running.forEach(Running::kill);
    return Future.join(ends).<Void>mapEmpty().otherwiseEmpty();
  }

  /** One run. */
  final class Running implements Sandbox.Run {
    final BoundedText stdout = new BoundedText(outputBytes);
    final BoundedText stderr = new BoundedText(outputBytes);
    private final Promise<Outcome> outcome = Promise.promise();
    private final long startedAt = nanoTime.getAsLong();
    private volatile boolean timedOut;
    private boolean over;
    private Runnable end;

    @Override
    public Future<Outcome> outcome() {
      return outcome.future();
    }

    private void begin(long timeoutMs, Work work) {
      long timer =
          vertx.setTimer(
              timeoutMs,
              id -> {
                timedOut = true;
                kill();
              });
      executor
          .executeBlocking(() -> work.run(this), false)
          .onComplete(
              done -> {
                vertx.cancelTimer(timer);
                running.remove(this);
                told(done);
              });
    }

    private void told(AsyncResult<Integer> done) {
      if (done.failed() && !timedOut) {
        outcome.fail(done.cause());
        return;
      }
      outcome.complete(
          new Outcome(
              // One whose time was over before it had begun was ended like the others.
              done.succeeded() ? done.result() : KILLED,
              timedOut,
              stdout.text(),
              stderr.text(),
              stdout.isCut() || stderr.isCut(),
              (nanoTime.getAsLong() - startedAt) / 1_000_000));
    }

    /**
     * From now on it can be ended; is ended at once where nobody wants it any more.
     *
     * @param how harmless when it has ended; must not block
     * @return whether it is still wanted
     */
    boolean endedBy(Runnable how) {
      synchronized (this) {
        end = how;
        if (!over) {
          return true;
        }
      }
      how.run();
      return false;
    }

    @Override
    public void kill() {
      Runnable how;
      synchronized (this) {
        over = true;
        how = end;
      }
      if (how != null) {
        how.run();
      }
    }
  }
}
