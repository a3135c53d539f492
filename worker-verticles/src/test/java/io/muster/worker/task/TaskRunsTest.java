package io.muster.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskRunsTest {
  private static final long MS = 1_000_000;

  private final List<TaskReport> asked = new ArrayList<>();
  private final Deque<Promise<Ack>> answers = new ArrayDeque<>();
  private final List<Runnable> later = new ArrayList<>();
  private final List<Run> running = new ArrayList<>();
  private long now;
  private TaskRuns runs;

  private record Run(JsonObject args, ToolContext context, Promise<Object> done) {}

  @BeforeEach
  void start() {
    Tools tools = new Tools(() -> {});
    tools.add(List.of(new Held()));
    runs = new TaskRuns(new TaskRuns.Options("n", 2, 100, 2), tools, new Outside(), () -> now);
  }

  @Test
  void aResultIsSaidAgainUntilAHubHasIt() {
    assign("t", 1);
    running.get(0).done().complete(new JsonObject().put("x", 1));
    assertThat(result(0).result()).isEqualTo("{\"x\":1}".getBytes(StandardCharsets.UTF_8));
    assertThat(runs.unacknowledged()).isEqualTo(1);
    answers.poll().fail(new FaultException(Failure.UNREACHABLE, "no hub"));
    later.remove(0).run();
    assertThat(asked).hasSize(2);
    assertThat(asked.get(1)).isEqualTo(asked.get(0));
    answers.poll().complete(Ack.OK);
    assertThat(runs.unacknowledged()).isZero();
    assertThat(later).isEmpty();
  }

  @Test
  void aFencedResultIsForgotten() {
    assign("t", 1);
    running.get(0).done().complete("late");
    answers.poll().fail(new FaultException(Failure.CONFLICT, "too late"));
    assertThat(runs.unacknowledged()).isZero();
    assertThat(later).isEmpty();
  }

  @Test
  void theSameAttemptRunsOnce() {
    assign("t", 1);
    assign("t", 1);
    assertThat(running).hasSize(1);
    assertThat(asked).containsExactly(new TaskReport.Accepted("n", "t", 1));
    answers.poll().complete(Ack.OK);
    running.get(0).done().complete(1);
    answers.poll().fail(new FaultException(Failure.UNREACHABLE, "no hub"));
    // The hub that took over asks for it again: the result is there already.
    assign("t", 1);
    assertThat(running).hasSize(1);
    assertThat(asked).hasSize(3);
  }

  @Test
  void aLaterAttemptEndsTheEarlierOne() {
    assign("t", 1);
    List<String> ended = new ArrayList<>();
    running.get(0).context().whenOver(() -> ended.add("first"));
    assign("t", 2);
    assertThat(ended).containsExactly("first");
    assign("t", 1);
    assertThat(running).hasSize(2);
    running.get(0).done().complete("late");
    assertThat(asked).isEmpty();
    running.get(1).done().complete("right");
    assertThat(result(0).attempt()).isEqualTo(2);
  }

  @Test
  void itsTimeEndsIt() {
    assign("t", 1);
    now += 201 * MS;
    runs.sweep();
    assertThat(asked).containsExactly(new TaskReport.Accepted("n", "t", 1));
    now += 800 * MS;
    runs.sweep();
    assertThat(result(1).error().code()).isEqualTo(TaskError.TIMEOUT);
    assertThat(running.get(0).context().isOver()).isTrue();
    running.get(0).done().complete("late");
    assertThat(asked).hasSize(2);
  }

  @Test
  void nobodyHearsOfWhatWasCancelled() {
    assign("t", 1);
    runs.receive(new TaskMessage.Abort("hub", "t", 1, "not wanted"));
    assertThat(running.get(0).context().isOver()).isTrue();
    running.get(0).done().complete("late");
    assertThat(asked).isEmpty();
    assertThat(runs.active()).isZero();
  }

  @Test
  void itsPlacesCanBeFewerOrMoreWhileItRuns() {
    runs.limit(1);
    assign("a", 1);
    assign("b", 1);
    assertThat(result(0).error().code()).isEqualTo(TaskError.BUSY);
    runs.limit(3);
    assign("c", 1);
    assign("d", 1);
    assertThat(running).hasSize(3);
  }

  @Test
  void takesNothingWhileItDrainsAndAgainAfterwards() {
    assign("a", 1);
    assertThat(runs.drain().isComplete()).isFalse();
    assign("b", 1);
    assertThat(result(0).error().code()).isEqualTo(TaskError.BUSY);
    runs.resume();
    assign("c", 1);
    assertThat(running).hasSize(2);
  }

  @Test
  void moreThanItsPlacesAreRefused() {
    assign("a", 1);
    assign("b", 1);
    assign("c", 1);
    assertThat(result(0).error().code()).isEqualTo(TaskError.BUSY);
    assertThat(result(0).taskId()).isEqualTo("c");
  }

  @Test
  void whoeverHasTooManyResultsTakesNoMore() {
    for (String id : List.of("a", "b")) {
      assign(id, 1);
      running.get(running.size() - 1).done().complete(1);
    }
    assign("c", 1);
    assertThat(running).hasSize(2);
    assertThat(result(2).error().code()).isEqualTo(TaskError.BUSY);
  }

  @Test
  void wrongWorkIsSaidToBeSo() {
    runs.receive(assignment("t", 1, "nothing", "{}"));
    assertThat(result(0).error().code()).isEqualTo(TaskError.NO_TOOL);
    assertThat(result(0).error().retryable()).isFalse();
    runs.receive(assignment("u", 1, "held", "[1]"));
    assertThat(result(1).error().code()).isEqualTo("invalid_arguments");
    answers.forEach(answer -> answer.complete(Ack.OK));
    assign("v", 1);
    running.get(0).done().complete("x".repeat(200));
    assertThat(result(2).error().code()).isEqualTo("result_too_large");
    assertThat(result(2).error().retryable()).isFalse();
  }

  @Test
  void aStopWaitsForTheLastResult() {
    assign("t", 1);
    Future<Void> drained = runs.drain();
    assign("u", 1);
    assertThat(result(0).error().code()).isEqualTo(TaskError.BUSY);
    answers.poll().complete(Ack.OK);
    running.get(0).done().complete(1);
    assertThat(drained.isComplete()).isFalse();
    answers.poll().complete(Ack.OK);
    assertThat(drained.isComplete()).isTrue();
  }

  private TaskReport.Result result(int index) {
    return (TaskReport.Result) asked.get(index);
  }

  private void assign(String id, long attempt) {
    runs.receive(assignment(id, attempt, "held", "{}"));
  }

  private static TaskMessage.Assign assignment(String id, long attempt, String tool, String args) {
    return new TaskMessage.Assign(
        "hub", id, attempt, tool, args.getBytes(StandardCharsets.UTF_8), 1_000, 5);
  }

  private final class Outside implements Results.Outside {
    @Override
    public Future<Ack> ask(TaskReport report) {
      asked.add(report);
      Promise<Ack> answer = Promise.promise();
      answers.add(answer);
      return answer.future();
    }

    @Override
    public void later(long ms, Runnable action) {
      later.add(action);
    }
  }

  /** Ends when the test says so. */
  private final class Held implements Tool {
    @Override
    public String name() {
      return "held";
    }

    @Override
    public String description() {
      return "";
    }

    @Override
    public JsonObject schema() {
      return new JsonObject();
    }

    @Override
    public Future<Object> run(JsonObject args, ToolContext context) {
      Run run = new Run(args, context, Promise.promise());
      running.add(run);
      return run.done().future();
    }
  }
}
