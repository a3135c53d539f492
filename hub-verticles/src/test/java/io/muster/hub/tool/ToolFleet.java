package io.muster.hub.tool;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.event.Events;
import io.muster.hub.node.Node;
import io.muster.hub.storage.Database;
import io.muster.hub.task.TaskOptions;
import io.muster.hub.task.Tasks;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A node whose tools a test plays, at a hub with real tasks on a real bus and database. */
public final class ToolFleet {
  private static final String NODE = "w1";
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final Bus bus;
  private final Tasks tasks;
  private final Map<String, Played> played = new LinkedHashMap<>();

  /** Ids of tasks that the node was told to stop. */
  public final List<String> aborted = new CopyOnWriteArrayList<>();

  /** What a tool does; what its future fails with is the tool's error. */
  public interface Does {
    Future<?> with(JsonObject args, Consumer<Object> progress);
  }

  private record Played(ToolInfo info, Does does) {}

  public ToolFleet(Vertx vertx, Database database) {
    this(vertx, new Bus(vertx), database);
  }

  /** On a bus that is there. */
  public ToolFleet(Vertx vertx, Bus bus, Database database) {
    this.bus = bus;
    tasks =
        new Tasks(
            vertx,
            bus,
            database,
            "hub-test",
            TaskOptions.defaults(),
            new Tasks.Fleet(this::nodes, id -> node(), id -> Set.of()),
            new Events("hub-test", event -> {}, Clock.systemUTC()),
            new SimpleMeterRegistry(),
            Clock.systemUTC());
  }

  /** On the event loop, like all of it. */
  public Future<Void> start() {
    return tasks
        .start(registration -> {})
        .compose(
            v -> bus.open(Addresses.node(NODE), new Inbox().listen(TaskMessage.class, this::told)))
        .mapEmpty();
  }

  public FleetTools tools() {
    return new FleetTools(this::nodes, tasks.awaited());
  }

  public Future<Void> close() {
    return tasks.close();
  }

  /** The node offers this from now on. */
  public void offer(String name, Map<String, Object> schema, Does does) {
    played.put(name, new Played(new ToolInfo(name, "Does " + name + ".", schema), does));
    tasks.nodesChanged();
  }

  public void withdraw(String name) {
    played.remove(name);
  }

  private List<Node> nodes() {
    return List.of(node());
  }

  private Node node() {
    List<ToolInfo> tools = new ArrayList<>();
    played.values().forEach(tool -> tools.add(tool.info()));
    NodeInfo info =
        new NodeInfo(
            NODE,
            "1",
            null,
            "Node",
            null,
            NodeType.WORKER,
            "1.0",
            1,
            List.of("tool"),
            tools,
            List.of(),
            null,
            "http://127.0.0.1:1",
            new NodeInfo.Ips(List.of(), null),
            100,
            new NodeInfo.Resources(2, 3, 4),
            Map.of());
    return new Node(info, NodeState.ONLINE, 0);
  }

  private void told(TaskMessage message) {
    if (message instanceof TaskMessage.Abort abort) {
      aborted.add(abort.taskId());
    } else if (message instanceof TaskMessage.Assign assign) {
      run(assign);
    }
  }

  private void run(TaskMessage.Assign assign) {
    String id = assign.taskId();
    long attempt = assign.attempt();
    report(new TaskReport.Accepted(NODE, id, attempt))
        .compose(
            v ->
                played
                    .get(assign.toolName())
                    .does()
                    .with(
                        new JsonObject(new String(assign.toolArgs(), StandardCharsets.UTF_8)),
                        told -> report(new TaskReport.Progress(NODE, id, attempt, bytes(told)))))
        .onComplete(
            done ->
                report(
                    done.succeeded()
                        ? new TaskReport.Result(NODE, id, attempt, bytes(done.result()), null, 1)
                        : new TaskReport.Result(
                            NODE,
                            id,
                            attempt,
                            null,
                            TaskError.lasting("tool_failed", done.cause().getMessage()),
                            1)));
  }

  private Future<Record> report(TaskReport report) {
    return bus.ask(Addresses.TASKS, (Record) report, TIMEOUT);
  }

  private static byte[] bytes(Object value) {
    return Json.encode(value).getBytes(StandardCharsets.UTF_8);
  }
}
