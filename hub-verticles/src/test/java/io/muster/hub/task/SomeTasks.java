package io.muster.hub.task;

import io.muster.hub.node.Node;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Tasks and nodes for the tests. */
final class SomeTasks {
  private SomeTasks() {}

  static Needs needs(String tool) {
    return new Needs(tool, null, null, Set.of());
  }

  static TaskSpec spec(String id) {
    return spec(id, needs("echo"), 5);
  }

  static TaskSpec spec(String id, Needs needs, int priority) {
    return new TaskSpec(
        id, "me", needs, "{\"n\":1}", 60_000, priority, 2, List.of(), false, null, "hash", 1_000);
  }

  static TaskSpec dependent(String id, boolean skips, String... on) {
    return new TaskSpec(
        id, "me", needs("echo"), "{}", 60_000, 5, 2, List.of(on), skips, null, "hash", 1_000);
  }

  static TaskSpec keyed(String id, String key, String hash) {
    return new TaskSpec(
        id, "me", needs("echo"), "{}", 60_000, 5, 2, List.of(), false, key, hash, 1_000);
  }

  static OpenTask open(String id, Needs needs, int priority) {
    return new OpenTask(spec(id, needs, priority));
  }

  static Node node(String id, NodeState state, int places, List<String> tools, String... can) {
    return new Node(
        new NodeInfo(
            id,
            id + "-1",
            "member-" + id,
            id,
            null,
            NodeType.WORKER,
            "1",
            0,
            List.of(can),
            tools.stream().map(ToolInfo::named).toList(),
            List.of(),
            null,
            null,
            null,
            places,
            null,
            Map.of()),
        state,
        0);
  }

  static Node node(String id, int places, String... tools) {
    return node(id, NodeState.ONLINE, places, List.of(tools), "tool");
  }
}
