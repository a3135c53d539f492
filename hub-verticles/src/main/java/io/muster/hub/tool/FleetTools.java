package io.muster.hub.tool;

import io.muster.hub.node.Node;
import io.muster.hub.task.AwaitedTasks;
import io.muster.node.ToolInfo;
import io.muster.task.TaskError;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The tools of all nodes, as one list, and calls of them. A call is a task: kept in the database,
 * given to whichever node has the tool and a free place, run elsewhere when that node is lost, and
 * stopped there when it is cancelled. Used on the hub's event loop.
 */
public final class FleetTools {
  private final Supplier<List<Node>> takers;
  private final AwaitedTasks tasks;

  /**
   * @param takers the nodes that are alive and take new work
   */
  public FleetTools(Supplier<List<Node>> takers, AwaitedTasks tasks) {
    this.takers = takers;
    this.tasks = tasks;
  }

  /** What is offered now, by name. */
  public List<Offered> list() {
    SortedMap<String, Merging> byName = new TreeMap<>();
    List<Node> nodes = new ArrayList<>(takers.get());
    nodes.sort(Comparator.comparing(Node::id));
    for (Node node : nodes) {
      for (ToolInfo tool : node.info().tools()) {
        byName.computeIfAbsent(tool.name(), Merging::new).add(tool, node.id());
      }
    }
    return byName.values().stream().map(Merging::offered).toList();
  }

  /** The one of this name, empty where no node offers it now. */
  public Optional<Offered> find(String name) {
    return list().stream().filter(tool -> tool.name().equals(name)).findFirst();
  }

  /**
   * Calls a tool, once: an attempt that failed is not repeated, one whose node was lost is.
   *
   * @param timeout of all of it, the wait for a free place included
   * @param caller on whose behalf, for the task's record
   */
  public ToolCall call(String name, JsonObject args, Duration timeout, String caller) {
    if (takers.get().stream().noneMatch(node -> node.info().toolNames().contains(name))) {
      return new Ended(
          new ToolResult(
              null,
              new ToolResult.Problem(TaskError.NO_TOOL, "no node offers the tool " + name + " now"),
              null,
              null,
              0));
    }
    return new Running(tasks.run(name, args, timeout.toMillis(), caller));
  }

  private record Ended(ToolResult already) implements ToolCall {
    @Override
    public Future<ToolResult> result() {
      return Future.succeededFuture(already);
    }

    @Override
    public void onProgress(Consumer<Object> listener) {
      // It has ended.
    }

    @Override
    public void cancel(String reason) {
      // It has ended.
    }
  }

  private record Running(AwaitedTasks.Run run, Future<ToolResult> result) implements ToolCall {
    Running(AwaitedTasks.Run run) {
      this(run, run.ended().map(Running::result));
    }

    private static ToolResult result(AwaitedTasks.Ended ended) {
      return new ToolResult(
          ended.value(),
          ended.completed() ? null : new ToolResult.Problem(ended.code(), ended.message()),
          ended.nodeId(),
          ended.taskId(),
          ended.elapsedMs());
    }

    @Override
    public void onProgress(Consumer<Object> listener) {
      run.onProgress(listener);
    }

    @Override
    public void cancel(String reason) {
      run.cancel(reason);
    }
  }

  /** One tool, while the nodes are gone through. */
  private static final class Merging {
    private final String name;
    private final List<String> nodes = new ArrayList<>(2);
    private String description;
    private Map<String, Object> schema;

    Merging(String name) {
      this.name = name;
    }

    void add(ToolInfo tool, String nodeId) {
      if (!nodes.contains(nodeId)) {
        nodes.add(nodeId);
      }
      description = description == null ? tool.description() : description;
      schema = schema == null ? tool.schema() : schema;
    }

    Offered offered() {
      return new Offered(
          name,
          description == null ? "" : description,
          schema == null ? Offered.ANYTHING : schema,
          nodes);
    }
  }
}
