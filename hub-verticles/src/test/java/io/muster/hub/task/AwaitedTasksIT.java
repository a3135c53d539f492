package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.event.Events;
import io.muster.hub.http.FeatureHub;
import io.muster.hub.node.Node;
import io.muster.hub.storage.TestDatabase;
import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.ToolCall;
import io.muster.hub.tool.ToolResult;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of tools as tasks that the hub waits for; the nodes are played by the test. */
class AwaitedTasksIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Map<String, Node> nodes = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<TaskMessage> told = new ConcurrentLinkedQueue<>();
  private final AtomicReference<Tasks> tasks = new AtomicReference<>();
  private final AtomicReference<Bus> bus = new AtomicReference<>();
  private FeatureHub hub;
  private FleetTools tools;

  @BeforeEach
  void start() {
    TaskOptions options =
        new TaskOptions(5, 60_000, 1, 3, 20, 100, 10_000, 15_000, 500, 1_000, 60_000, 100);
    hub =
        new FeatureHub(
            TestDatabase.h2(),
            (vertx, database) -> {
              bus.set(new Bus(vertx));
              tasks.set(
                  new Tasks(
                      vertx,
                      bus.get(),
                      database,
                      "hub-test",
                      options,
                      new Tasks.Fleet(
                          () -> List.copyOf(nodes.values()), nodes::get, id -> Set.of()),
                      new Events("hub-test", event -> {}, Clock.systemUTC()),
                      new SimpleMeterRegistry(),
                      Clock.systemUTC()));
              return tasks
                  .get()
                  .start(registration -> {})
                  .map(v -> List.of(tasks.get().routes(new Anybody())));
            });
    tools = new FleetTools(() -> List.copyOf(nodes.values()), tasks.get().awaited());
  }

  @AfterEach
  void stop() {
    TestDatabase.await(hub.onLoop(() -> tasks.get().close()));
    hub.close();
  }

  @Test
  void aToolsAnswerComesBack() {
    node("n1", 1);
    ToolCall call = call(new JsonObject().put("a", 1), LONG);
    TaskMessage.Assign assign = assigned(1);
    assertThat(assign.toolName()).isEqualTo("echo");
    assertThat(new String(assign.toolArgs(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");

    report(result(assign, "[1,null]", null));

    ToolResult result = TestDatabase.await(call.result());
    assertThat(result.ok()).isTrue();
    assertThat(result.value().toString()).isEqualTo("[1,null]");
    assertThat(result.nodeId()).isEqualTo("n1");
    assertThat(result.taskId()).isEqualTo(assign.taskId());
  }

  @Test
  void aFailureIsAnAnswerAndNotTriedAgain() {
    node("n1", 1);
    ToolCall call = call(new JsonObject(), LONG);

    report(result(assigned(1), null, TaskError.of("tool_failed", "broken")));

    ToolResult result = TestDatabase.await(call.result());
    assertThat(result.error()).isEqualTo(new ToolResult.Problem("tool_failed", "broken"));
    assertThat(result.nodeId()).isEqualTo("n1");
    assertThat(status(result)).isIn("failed", "dead");
  }

  @Test
  void aLostNodesCallRunsElsewhere() {
    node("n1", 1);
    ToolCall call = call(new JsonObject(), LONG);
    assertThat(assigned(1).attempt()).isEqualTo(1);

    nodes.remove("n1");
    node("n2", 1);
    onLoop(() -> tasks.get().nodeLost("n1", "pulled the plug"));
    report(
        new TaskReport.Result(
            "n2",
            assigned(2).taskId(),
            assigned(2).attempt(),
            "2".getBytes(StandardCharsets.UTF_8),
            null,
            1));

    assertThat(TestDatabase.await(call.result()).nodeId()).isEqualTo("n2");
  }

  @Test
  void cancellingReachesTheNode() {
    node("n1", 1);
    ToolCall call = call(new JsonObject(), LONG);
    TaskMessage.Assign assign = assigned(1);

    onLoop(() -> call.cancel("the client went away"));

    ToolResult result = TestDatabase.await(call.result());
    assertThat(result.error())
        .isEqualTo(new ToolResult.Problem("cancelled", "the client went away"));
    Awaitility.await()
        .atMost(LIMIT)
        .until(
            () ->
                told.stream()
                    .anyMatch(
                        message ->
                            message instanceof TaskMessage.Abort abort
                                && abort.taskId().equals(assign.taskId())));
    Awaitility.await().atMost(LIMIT).until(() -> status(result).equals("cancelled"));
  }

  @Test
  void timeIsForTheWaitToo() {
    node("n1", 1);
    call(new JsonObject(), LONG);
    assigned(1);

    // Its one place is taken.
    ToolResult result = TestDatabase.await(call(new JsonObject(), Duration.ofMillis(300)).result());

    assertThat(result.error().code()).isEqualTo("timeout");
    Awaitility.await().atMost(LIMIT).until(() -> status(result).equals("cancelled"));
  }

  @Test
  void whatCannotBeCalledIsAnAnswer() {
    assertThat(TestDatabase.await(call(new JsonObject(), LONG).result()).error().code())
        .isEqualTo("tool_not_found");
    node("n1", 1);
    assertThat(
            TestDatabase.await(call(new JsonObject().put("a", "x".repeat(2_000)), LONG).result())
                .error()
                .message())
        .contains("TASK_MAX_ARGS_BYTES");
    assertThat(told).isEmpty();
  }

  @Test
  void aHubThatStopsCancelsThem() {
    node("n1", 1);
    ToolCall call = call(new JsonObject(), LONG);
    assigned(1);

    TestDatabase.await(hub.onLoop(() -> tasks.get().close()));

    assertThat(TestDatabase.await(call.result()).error().code()).isEqualTo("cancelled");
  }

  private ToolCall call(JsonObject args, Duration timeout) {
    return TestDatabase.await(
        hub.onLoop(() -> Future.succeededFuture(tools.call("echo", args, timeout, "test"))));
  }

  private String status(ToolResult result) {
    return hub.send("GET", "/api/tasks/" + result.taskId(), null, null).body().getString("status");
  }

  private void node(String id, int places) {
    TestDatabase.await(
        hub.onLoop(
            () ->
                bus.get()
                    .open(
                        Addresses.node(id),
                        new Inbox().listen(TaskMessage.class, message -> told.add(message)))));
    nodes.put(id, SomeTasks.node(id, places, "echo"));
    onLoop(() -> tasks.get().nodesChanged());
  }

  private TaskMessage.Assign assigned(int count) {
    Awaitility.await().atMost(LIMIT).until(() -> assigns().size() >= count);
    return assigns().get(count - 1);
  }

  private List<TaskMessage.Assign> assigns() {
    return told.stream()
        .filter(message -> message instanceof TaskMessage.Assign)
        .map(message -> (TaskMessage.Assign) message)
        .toList();
  }

  private static TaskReport.Result result(TaskMessage.Assign assign, String json, TaskError error) {
    return new TaskReport.Result(
        "n1",
        assign.taskId(),
        assign.attempt(),
        json == null ? null : json.getBytes(StandardCharsets.UTF_8),
        error,
        3);
  }

  private void report(TaskReport report) {
    TestDatabase.await(
        hub.onLoop(() -> bus.get().ask(Addresses.TASKS, (Record) report, Duration.ofSeconds(5))));
  }

  private void onLoop(Runnable action) {
    TestDatabase.await(
        hub.onLoop(
            () -> {
              action.run();
              return Future.succeededFuture();
            }));
  }
}
