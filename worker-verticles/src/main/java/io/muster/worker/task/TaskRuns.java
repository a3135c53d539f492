package io.muster.worker.task;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tasks that this worker runs: takes them from hubs, hands them to tools, keeps their time, and
 * sees that a hub hears what became of them. Used on one event loop only.
 */
public final class TaskRuns {
  private static final Logger log = LoggerFactory.getLogger(TaskRuns.class);

  /** What is done by then needs no word of its own that it has begun. */
  private static final long TELL_AFTER_MS = 200;

  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(10);

  /**
   * @param maxConcurrent tasks at once, at first; more are refused
   * @param maxResultBytes of one result; a longer one is a failure
   * @param maxUnacknowledged results that no hub has taken, before new tasks are refused
   */
  public record Options(
      String nodeId, int maxConcurrent, int maxResultBytes, int maxUnacknowledged) {}

  private final Options options;
  private final Tools tools;
  private final Results.Outside outside;
  private final Results results;
  private final LongSupplier nanoTime;
  private final Map<String, TaskRun> runs = new HashMap<>();
  private int maxConcurrent;
  private boolean draining;
  private Promise<Void> idle;

  public TaskRuns(Options options, Tools tools, Bus bus, LongSupplier nanoTime) {
    this(options, tools, onBus(bus), nanoTime);
  }

  TaskRuns(Options options, Tools tools, Results.Outside outside, LongSupplier nanoTime) {
    this.options = options;
    this.maxConcurrent = options.maxConcurrent();
    this.tools = tools;
    this.outside = outside;
    this.nanoTime = nanoTime;
    this.results =
        new Results(
            outside,
            options.maxUnacknowledged(),
            bound -> ThreadLocalRandom.current().nextInt(bound));
  }

  /** What a hub sent. */
  public void receive(TaskMessage message) {
    if (message instanceof TaskMessage.Assign assign) {
      assign(assign);
    } else if (message instanceof TaskMessage.Abort abort) {
      results.forget(abort.taskId(), abort.attempt());
      TaskRun run = runs.get(abort.taskId());
      if (run != null && run.attempt() <= abort.attempt()) {
        log.info("task {} is stopped: {}", abort.taskId(), abort.reason());
        stop(run);
      }
    }
  }

  /** Keeps the time; called a few times a second. */
  public void sweep() {
    for (TaskRun run : new ArrayList<>(runs.values())) {
      if (run.elapsedMs() > run.assign.timeoutMs()) {
        stop(run);
        report(
            run,
            null,
            TaskError.of(
                TaskError.TIMEOUT,
                "the tool did not end within " + run.assign.timeoutMs() + " ms"));
      } else if (!run.told && run.elapsedMs() >= TELL_AFTER_MS) {
        tell(run);
      }
    }
  }

  /**
   * Takes no new work.
   *
   * @return when the last task has ended and a hub has taken its result
   */
  public Future<Void> drain() {
    draining = true;
    if (idle == null) {
      idle = Promise.promise();
      completeIfIdle();
    }
    return idle.future().compose(v -> results.whenEmpty());
  }

  /** Takes new work again. */
  public void resume() {
    draining = false;
    idle = null;
  }

  /** Takes so many tasks at once from now on; those above that run on. */
  public void limit(int most) {
    maxConcurrent = most;
  }

  /** Tasks that run now. */
  public int active() {
    return runs.size();
  }

  /** Results that no hub has taken yet. */
  public int unacknowledged() {
    return results.size();
  }

  private void assign(TaskMessage.Assign assign) {
    TaskRun known = runs.get(assign.taskId());
    if (known != null && known.attempt() >= assign.attempt()) {
      if (known.attempt() == assign.attempt()) {
        tell(known);
      }
      return;
    }
    if (results.repeat(assign.taskId(), assign.attempt())) {
      return;
    }
    if (known != null) {
      stop(known);
    }
    TaskError refusal = refusal();
    if (refusal != null) {
      results.add(result(assign, null, refusal, 0));
      return;
    }
    start(assign);
  }

  private TaskError refusal() {
    if (draining) {
      return TaskError.of(TaskError.BUSY, "node " + options.nodeId() + " takes no new work");
    }
    if (runs.size() >= maxConcurrent) {
      return TaskError.of(
          TaskError.BUSY, "node %s runs %d tasks already".formatted(options.nodeId(), runs.size()));
    }
    if (results.isFull()) {
      return TaskError.of(
          TaskError.BUSY, "node %s has results that no hub takes".formatted(options.nodeId()));
    }
    return null;
  }

  private void start(TaskMessage.Assign assign) {
    TaskRun run = new TaskRun(assign, nanoTime, value -> progress(assign, value));
    runs.put(assign.taskId(), run);
    Future<Object> running;
    try {
      Tool tool =
          tools
              .find(assign.toolName())
              .orElseThrow(
                  () ->
                      new ToolException(
                          TaskError.lasting(
                              TaskError.NO_TOOL,
                              "node %s offers no tool %s"
                                  .formatted(options.nodeId(), assign.toolName()))));
      running = tool.run(args(assign), run);
    } catch (RuntimeException e) {
      running = Future.failedFuture(e);
    }
    running.onComplete(done -> ended(run, done));
  }

  private static JsonObject args(TaskMessage.Assign assign) {
    try {
      return new JsonObject(Buffer.buffer(assign.toolArgs()));
    } catch (DecodeException | ClassCastException e) {
      throw ToolException.invalid("the arguments are no JSON object");
    }
  }

  private void ended(TaskRun run, AsyncResult<Object> done) {
    if (runs.get(run.taskId()) != run) {
      // It was stopped before: nobody wants to know.
      return;
    }
    run.ended();
    if (done.failed()) {
      report(run, null, error(run, done.cause()));
      return;
    }
    byte[] result = Json.encodeToBuffer(done.result()).getBytes();
    if (result.length > options.maxResultBytes()) {
      report(
          run,
          null,
          TaskError.lasting(
              "result_too_large",
              "the result has %d bytes, TASK_MAX_RESULT_BYTES allows %d"
                  .formatted(result.length, options.maxResultBytes())));
    } else {
      report(run, result, null);
    }
  }

  private static TaskError error(TaskRun run, Throwable cause) {
    if (cause instanceof ToolException refused) {
      return refused.error();
    }
    log.warn("tool {} failed in task {}", run.assign.toolName(), run.taskId(), cause);
    String message = cause.getMessage();
    return TaskError.of(
        TaskError.TOOL_FAILED, message == null ? cause.getClass().getSimpleName() : message);
  }

  private void report(TaskRun run, byte[] result, TaskError error) {
    runs.remove(run.taskId(), run);
    results.add(result(run.assign, result, error, run.elapsedMs()));
    completeIfIdle();
  }

  private TaskReport.Result result(
      TaskMessage.Assign assign, byte[] result, TaskError error, long ms) {
    return new TaskReport.Result(
        options.nodeId(), assign.taskId(), assign.attempt(), result, error, ms);
  }

  private void stop(TaskRun run) {
    run.stop();
    runs.remove(run.taskId(), run);
    completeIfIdle();
  }

  private void tell(TaskRun run) {
    run.told = true;
    outside
        .ask(new TaskReport.Accepted(options.nodeId(), run.taskId(), run.attempt()))
        .onFailure(
            cause -> {
              if (cause instanceof FaultException fault
                  && fault.fault().failure() == Failure.CONFLICT
                  && runs.get(run.taskId()) == run) {
                log.info("task {} runs elsewhere now, and is stopped here", run.taskId());
                stop(run);
              }
              // Otherwise the hub that gave it asks again.
            });
  }

  private void progress(TaskMessage.Assign assign, Object value) {
    outside
        .ask(
            new TaskReport.Progress(
                options.nodeId(),
                assign.taskId(),
                assign.attempt(),
                Json.encodeToBuffer(value).getBytes()))
        .onFailure(cause -> log.debug("a word of progress is lost: {}", cause.getMessage()));
  }

  private void completeIfIdle() {
    if (idle != null && runs.isEmpty()) {
      idle.tryComplete();
    }
  }

  private static Results.Outside onBus(Bus bus) {
    return new Results.Outside() {
      @Override
      public Future<Ack> ask(TaskReport report) {
        return bus.ask(Addresses.TASKS, (Record) report, ASK_TIMEOUT);
      }

      @Override
      public void later(long ms, Runnable action) {
        bus.vertx().setTimer(Math.max(1, ms), id -> action.run());
      }
    };
  }
}
