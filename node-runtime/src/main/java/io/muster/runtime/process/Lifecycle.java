package io.muster.runtime.process;

import io.vertx.core.Future;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of a process: a start that either succeeds or says in a line why not, and an ordered
 * stop when a signal asks for it.
 *
 * <pre>
 *   starting ──► running ──signal──► stopping ──► exit 0
 *       │             └──wish to be started again──► stopping ──► exit 75
 *       └── refused ──► its reasons on stderr ──► what was started is stopped ──► exit 1
 * </pre>
 *
 * Steps of the stop run one after the other, the last one registered first, each with a time limit
 * of its own: one that hangs or fails is told in the log and does not hold up the others.
 */
public final class Lifecycle {
  private static final Logger log = LoggerFactory.getLogger(Lifecycle.class);
  private static final int EXIT_OK = 0;
  private static final int EXIT_REFUSED = 1;

  /** sysexits' EX_TEMPFAIL: what starts the process takes it as a wish to be started again. */
  public static final int EXIT_RESTART = 75;

  private record Step(String name, Duration limit, Supplier<Future<?>> work) {}

  private final PrintStream err;
  private final IntConsumer exit;
  private final Deque<Step> steps = new ArrayDeque<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  Lifecycle(PrintStream err, IntConsumer exit) {
    this.err = err;
    this.exit = exit;
  }

  /**
   * Starts this process; returns once that is under way. On SIGTERM and SIGINT the process stops in
   * order and exits with 0; when the start is refused or fails it exits with 1.
   *
   * @param start registers steps of the stop as things come up; may throw
   */
  public static void run(Function<Lifecycle, Future<?>> start) {
    Lifecycle lifecycle = new Lifecycle(System.err, System::exit);
    Signals.on("TERM", lifecycle::stop);
    Signals.on("INT", lifecycle::stop);
    lifecycle.start(start);
  }

  /**
   * Adds what is to be done at the stop, before all that was added earlier.
   *
   * @param name for the log
   * @param limit how long it may take
   * @param work called on a thread that may block
   */
  public void onStop(String name, Duration limit, Supplier<Future<?>> work) {
    synchronized (steps) {
      steps.push(new Step(name, limit, work));
    }
  }

  /** The same for what is done when the call returns. */
  public void closeOnStop(String name, Duration limit, Runnable close) {
    onStop(
        name,
        limit,
        () -> {
          close.run();
          return Future.succeededFuture();
        });
  }

  /** Stops the process as a signal would. */
  public void stop() {
    stop(EXIT_OK);
  }

  /** Ends the process as a signal would, on a thread of its own; asks for another start or not. */
  public void end(boolean again) {
    inBackground(again ? EXIT_RESTART : EXIT_OK);
  }

  void start(Function<Lifecycle, Future<?>> start) {
    Future<?> started;
    try {
      started = start.apply(this);
    } catch (RuntimeException e) {
      started = Future.failedFuture(e);
    }
    started.onFailure(this::refuse);
  }

  /** Ends the process with 1 because it is of no use, for a reason that a person reads. */
  public void refuse(Throwable cause) {
    if (stopping.get()) {
      return; // A signal came during the start, and what failed is only the consequence.
    }
    if (cause instanceof StartRefused refused) {
      refused.reasons().forEach(err::println);
    } else {
      err.println("Cannot start: " + cause);
      log.error("Cannot start", cause);
    }
    inBackground(EXIT_REFUSED);
  }

  /** Not on this thread: it may be the event loop that the steps need. */
  private void inBackground(int status) {
    Thread thread = new Thread(() -> stop(status), "stop");
    thread.setDaemon(false);
    thread.start();
  }

  private void stop(int status) {
    if (!stopping.compareAndSet(false, true)) {
      return;
    }
    for (Step step = next(); step != null; step = next()) {
      run(step);
    }
    exit.accept(status);
  }

  private Step next() {
    synchronized (steps) {
      return steps.poll();
    }
  }

  private static void run(Step step) {
    log.debug("Stopping: {}", step.name());
    try {
      step.work()
          .get()
          .toCompletionStage()
          .toCompletableFuture()
          .get(step.limit().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      log.warn("Stopping: {} was not done within {} ms", step.name(), step.limit().toMillis());
    } catch (ExecutionException e) {
      log.warn("Stopping: {} failed: {}", step.name(), e.getCause().toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      log.warn("Stopping: {} failed", step.name(), e);
    }
  }
}
