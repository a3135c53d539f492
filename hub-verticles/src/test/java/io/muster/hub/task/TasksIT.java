package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.event.Events;
import io.muster.hub.http.FeatureHub;
import io.muster.hub.http.FeatureHub.Reply;
import io.muster.hub.node.Node;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tasks over real HTTP, on a real database and bus; the nodes are played by the test. */
class TasksIT {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final Map<String, Node> nodes = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<TaskMessage> told = new ConcurrentLinkedQueue<>();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final AtomicReference<Tasks> tasks = new AtomicReference<>();
  private final AtomicReference<Bus> bus = new AtomicReference<>();
  private final AtomicReference<Database> database = new AtomicReference<>();
  private FeatureHub hub;

  @BeforeEach
  void start() {
    TaskOptions options =
        new TaskOptions(5, 60_000, 1, 3, 20, 100, 10_000, 15_000, 500, 1_000, 60_000, 100);
    hub =
        new FeatureHub(
            TestDatabase.h2(),
            (vertx, opened) -> {
              bus.set(new Bus(vertx));
              database.set(opened);
              tasks.set(
                  new Tasks(
                      vertx,
                      bus.get(),
                      opened,
                      "hub-test",
                      options,
                      new Tasks.Fleet(
                          () -> List.copyOf(nodes.values()), nodes::get, id -> Set.of()),
                      new Events("hub-test", event -> events.add(event.type()), Clock.systemUTC()),
                      new SimpleMeterRegistry(),
                      Clock.systemUTC()));
              return tasks
                  .get()
                  .start(registration -> {})
                  .map(v -> List.of(tasks.get().routes(new Anybody())));
            });
  }

  @AfterEach
  void stop() {
    TestDatabase.await(hub.onLoop(() -> tasks.get().close()));
    hub.close();
  }

  @Test
  void aTaskRunsOnANodeAndItsResultIsWaitedFor() {
    node("n1", 4);
    Reply made = post("{\"toolName\":\"echo\",\"toolArgs\":{\"a\":[1,null,\"ü\"]}}");
    assertThat(made.status()).isEqualTo(201);
    String id = made.body().getString("taskId");
    assertThat(made.raw().headers().firstValue("location")).contains("/api/tasks/" + id);

    TaskMessage.Assign assign = assigned(1);
    assertThat(assign.taskId()).isEqualTo(id);
    assertThat(new String(assign.toolArgs(), StandardCharsets.UTF_8))
        .isEqualTo("{\"a\":[1,null,\"ü\"]}");
    report(new TaskReport.Accepted("n1", id, 1));
    report(new TaskReport.Result("n1", id, 1, bytes("{\"ok\":true}"), null, 3));

    JsonObject task = get("/api/tasks/" + id + "?wait=5000").body();
    assertThat(task.getString("status")).isEqualTo("completed");
    assertThat(task.getJsonObject("result")).isEqualTo(new JsonObject().put("ok", true));
    assertThat(task.getString("assignedNodeId")).isEqualTo("n1");
    assertThat(task.getJsonArray("attempts")).hasSize(1);
    assertThat(events)
        .containsExactly("task_created", "task_assigned", "task_started", "task_completed");
  }

  @Test
  void aLostNodesTaskRunsElsewhereAndItsLateResultDoesNotCount() {
    node("n1", 1);
    String id = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    assertThat(assigned(1).attempt()).isEqualTo(1);
    nodes.remove("n1");
    node("n2", 1);
    onLoop(() -> tasks.get().nodeLost("n1", "killed"));
    TaskMessage.Assign second = assigned(2);
    assertThat(second.attempt()).isEqualTo(2);

    TaskReport late = new TaskReport.Result("n1", id, 1, bytes("\"late\""), null, 3);
    assertThat(failureOf(late)).isEqualTo(Failure.CONFLICT);
    report(new TaskReport.Result("n2", id, 2, bytes("\"right\""), null, 3));
    assertThat(failureOf(late)).isEqualTo(Failure.CONFLICT);
    JsonObject task = get("/api/tasks/" + id).body();
    assertThat(task.getString("result")).isEqualTo("right");
    assertThat(task.getJsonArray("attempts").getJsonObject(0).getString("outcome"))
        .isEqualTo("node_lost");
  }

  @Test
  void aFailingToolIsTriedAgainThenDeadThenRevived() {
    node("n1", 1);
    String id = post("{\"toolName\":\"echo\",\"retries\":1}").body().getString("taskId");
    for (int attempt = 1; attempt <= 2; attempt++) {
      assertThat(assigned(attempt).attempt()).isEqualTo(attempt);
      report(
          new TaskReport.Result(
              "n1", id, attempt, null, TaskError.of("tool_failed", "it broke"), 3));
    }
    JsonObject dead = get("/api/tasks/" + id + "?wait=5000").body();
    assertThat(dead.getString("status")).isEqualTo("dead");
    assertThat(get("/api/tasks?status=dead").body().getJsonArray("tasks")).hasSize(1);
    assertThat(send("POST", "/api/tasks/" + id + "/retry").status()).isEqualTo(200);
    assertThat(assigned(3).attempt()).isEqualTo(3);
    report(new TaskReport.Result("n1", id, 3, bytes("1"), null, 3));
    assertThat(get("/api/tasks/" + id + "?wait=5000").body().getString("status"))
        .isEqualTo("completed");
    assertThat(send("POST", "/api/tasks/" + id + "/retry").status()).isEqualTo(409);
    assertThat(events).contains("task_dead_lettered");
  }

  @Test
  void aCancelReachesTheNode() {
    node("n1", 1);
    String id = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    assigned(1);
    Reply cancelled = send("DELETE", "/api/tasks/" + id);
    assertThat(cancelled.status()).isEqualTo(200);
    assertThat(cancelled.body().getString("status")).isEqualTo("cancelled");
    Awaitility.await()
        .atMost(LIMIT)
        .until(() -> told.stream().anyMatch(m -> m instanceof TaskMessage.Abort));
    assertThat(send("DELETE", "/api/tasks/" + id).status()).isEqualTo(200);
    assertThat(send("DELETE", "/api/tasks/nothing").status()).isEqualTo(404);
  }

  @Test
  void theSameKeyIsTheSameTaskAndAnotherBodyIsRefused() {
    String body = "{\"toolName\":\"echo\",\"idempotencyKey\":\"k\",\"priority\":3}";
    String same = "{\"priority\":3,\"idempotencyKey\":\"k\",\"toolName\":\"echo\"}";
    Reply first = post(body);
    Reply second = post(same);
    assertThat(first.status()).isEqualTo(201);
    assertThat(second.status()).isEqualTo(202);
    assertThat(second.body().getString("taskId")).isEqualTo(first.body().getString("taskId"));
    assertThat(post(body.replace("3", "4")).status()).isEqualTo(409);
  }

  @Test
  void aFullQueueSaysWhenToComeBack() {
    for (int i = 0; i < 5; i++) {
      assertThat(post("{\"toolName\":\"echo\"}").status()).isEqualTo(201);
    }
    Reply full = post("{\"toolName\":\"echo\"}");
    assertThat(full.status()).isEqualTo(429);
    assertThat(full.raw().headers().firstValue("retry-after")).contains("1");
    JsonObject pending = get("/api/admin/tasks/pending?limit=2").body();
    assertThat(pending.getJsonArray("tasks")).hasSize(2);
    assertThat(pending.getString("nextCursor")).isNotNull();
    assertThat(pending.getJsonArray("tasks").getJsonObject(0).getString("reason")).contains("echo");
  }

  @Test
  void wrongRequestsAreNamed() {
    assertThat(post("{}").status()).isEqualTo(400);
    assertThat(post("{\"toolName\":\"echo\",\"toolname\":1}").status()).isEqualTo(400);
    assertThat(post("{\"toolName\":\"echo\",\"priority\":11}").body().encode())
        .contains("priority");
    assertThat(post("{\"toolName\":\"echo\",\"dependsOn\":[\"nothing\"]}").body().encode())
        .contains("nothing");
    assertThat(
            post("{\"toolName\":\"echo\",\"toolArgs\":{\"a\":\"" + "x".repeat(1_000) + "\"}}")
                .body()
                .encode())
        .contains("TASK_MAX_ARGS_BYTES");
    assertThat(get("/api/tasks?status=lost").status()).isEqualTo(400);
    assertThat(get("/api/tasks/nothing").status()).isEqualTo(404);
  }

  @Test
  void aTaskIsFollowedToItsEnd() {
    node("n1", 1);
    String id = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    assigned(1);
    var stream = java.util.concurrent.CompletableFuture.supplyAsync(() -> raw(id));
    Awaitility.await().atMost(LIMIT).until(() -> !stream.isDone());
    report(new TaskReport.Progress("n1", id, 1, bytes("{\"half\":true}")));
    report(new TaskReport.Result("n1", id, 1, bytes("1"), null, 3));
    String all = stream.join();
    assertThat(all).contains("event: task\ndata: {").contains("\"status\":\"completed\"");
    assertThat(all).endsWith("\n\n");
  }

  @Test
  void whatDependsOnAnotherBeginsWhenThatIsDone() {
    node("n1", 4);
    String first = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    Reply second = post("{\"toolName\":\"echo\",\"dependsOn\":[\"" + first + "\"]}");
    assertThat(second.body().getString("status")).isEqualTo("waiting");
    assertThat(assigned(1).taskId()).isEqualTo(first);
    report(new TaskReport.Result("n1", first, 1, bytes("1"), null, 3));
    assertThat(assigned(2).taskId()).isEqualTo(second.body().getString("taskId"));
  }

  @Test
  void whatOnlyTheDatabaseKnowsIsFoundThere() {
    String first = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    String second =
        post("{\"toolName\":\"echo\",\"dependsOn\":[\"" + first + "\"]}")
            .body()
            .getString("taskId");
    // By another hub, whose news is lost.
    execute(
        "UPDATE task SET status = 'completed', hub_id = NULL, ended_at = 1 WHERE id = ?", first);
    execute("UPDATE task SET status = 'queued' WHERE id = ?", second);
    onLoop(() -> tasks.get().compare());
    node("n1", 1);
    assertThat(assigned(1).taskId()).isEqualTo(second);
    Awaitility.await().atMost(LIMIT).until(() -> events.contains("task_completed"));

    execute(
        "UPDATE task SET status = 'completed', hub_id = NULL, ended_at = 1 WHERE id = ?", second);
    // Nobody told this hub of it: a commit that was not answered, or made while its lease was gone.
    TestDatabase.await(
        hub.onLoop(
            () ->
                database
                    .get()
                    .transact(
                        connection ->
                            new Batch(connection, "hub-test", new RetryRule(1, 1, 1, b -> 0), 1)
                                .run(List.of(new Write.Add(SomeTasks.spec("task-left")))))));
    onLoop(() -> tasks.get().compare());
    assertThat(assigned(2).taskId()).as("and the place is free again").isEqualTo("task-left");
  }

  @Test
  void aNodeSaysNothingOfAnothersTask() {
    node("n1", 1);
    String id = post("{\"toolName\":\"echo\"}").body().getString("taskId");
    assigned(1);
    assertThat(failureOf(new TaskReport.Accepted("n2", id, 1))).isEqualTo(Failure.CONFLICT);
    assertThat(failureOf(new TaskReport.Progress("n2", id, 1, bytes("1"))))
        .isEqualTo(Failure.CONFLICT);
    assertThat(events).doesNotContain("task_started");
    report(new TaskReport.Accepted("n1", id, 1));
    assertThat(events).contains("task_started");
  }

  private void execute(String sql, String id) {
    TestDatabase.await(
        hub.onLoop(() -> database.get().transact(connection -> Rows.update(connection, sql, id))));
  }

  private String raw(String id) {
    return httpGet("/api/tasks/" + id + "/events");
  }

  private String httpGet(String path) {
    try {
      var request =
          java.net.http.HttpRequest.newBuilder(
                  java.net.URI.create(post("{}").raw().uri().resolve(path).toString()))
              .build();
      return java.net.http.HttpClient.newHttpClient()
          .send(request, java.net.http.HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (java.io.IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
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

  private void report(TaskReport report) {
    assertThat(TestDatabase.await(ask(report))).isEqualTo(Ack.OK);
  }

  private Failure failureOf(TaskReport report) {
    return TestDatabase.await(
        ask(report)
            .<Failure>map(ack -> null)
            .otherwise(cause -> ((FaultException) cause).fault().failure()));
  }

  private Future<Ack> ask(TaskReport report) {
    return hub.onLoop(() -> bus.get().ask(Addresses.TASKS, (Record) report, Duration.ofSeconds(5)));
  }

  private void onLoop(Runnable action) {
    TestDatabase.await(
        hub.onLoop(
            () -> {
              action.run();
              return Future.succeededFuture();
            }));
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private Reply post(String body) {
    return hub.send("POST", "/api/tasks", null, new JsonObject(body));
  }

  private Reply get(String path) {
    return send("GET", path);
  }

  private Reply send(String method, String path) {
    return hub.send(method, path, null, null);
  }
}
