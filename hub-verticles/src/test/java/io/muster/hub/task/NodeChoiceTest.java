package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.node.Node;
import io.muster.node.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeChoiceTest {
  private final Map<String, Integer> active = new HashMap<>();
  private final Map<String, Long> turns = new HashMap<>();
  private final Map<String, Set<String>> tags = new HashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private long turn;

  @Test
  void takesTheNodeWithTheFewestTasks() {
    nodes.add(SomeTasks.node("a", 8, "echo"));
    nodes.add(SomeTasks.node("b", 8, "echo"));
    active.put("a", 2);
    active.put("b", 1);
    assertThat(choose(SomeTasks.needs("echo"))).isEqualTo("b");
  }

  @Test
  void takesEqualOnesInTurn() {
    for (String id : List.of("a", "b", "c")) {
      nodes.add(SomeTasks.node(id, 8, "echo"));
    }
    List<String> chosen = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String id = choose(SomeTasks.needs("echo"));
      chosen.add(id);
      active.clear(); // Each ends before the next comes.
    }
    assertThat(chosen).containsExactly("a", "b", "c", "a", "b", "c");
  }

  @Test
  void aNodeWithoutAFreePlaceIsNotTaken() {
    nodes.add(SomeTasks.node("a", 2, "echo"));
    assertThat(choose(SomeTasks.needs("echo"))).isEqualTo("a");
    assertThat(choose(SomeTasks.needs("echo"))).isEqualTo("a");
    assertThat(choose(SomeTasks.needs("echo"))).isNull();
  }

  @Test
  void aNodeThatIsBusyOtherwiseComesLast() {
    nodes.add(SomeTasks.node("busy", NodeState.BUSY, 8, List.of("echo"), "tool"));
    nodes.add(SomeTasks.node("free", 1, "echo"));
    assertThat(choose(SomeTasks.needs("echo"))).isEqualTo("free");
    assertThat(choose(SomeTasks.needs("echo"))).isEqualTo("busy");
  }

  @Test
  void toolCapabilityTagsAndNodeAllHaveToFit() {
    nodes.add(SomeTasks.node("plain", 8, "echo"));
    nodes.add(SomeTasks.node("other", NodeState.ONLINE, 8, List.of("read"), "tool", "files"));
    tags.put("other", Set.of("gpu", "berlin"));
    assertThat(choose(SomeTasks.needs("read"))).isEqualTo("other");
    assertThat(choose(SomeTasks.needs("write"))).isNull();
    assertThat(choose(new Needs("read", "files", null, Set.of("gpu")))).isEqualTo("other");
    assertThat(choose(new Needs("read", "music", null, Set.of()))).isNull();
    assertThat(choose(new Needs("read", null, null, Set.of("gpu", "paris")))).isNull();
    assertThat(choose(new Needs("echo", null, "plain", Set.of()))).isEqualTo("plain");
    assertThat(choose(new Needs("echo", null, "other", Set.of()))).isNull();
  }

  @Test
  void aNodeThatListsNoToolsHasToBeMeant() {
    nodes.add(SomeTasks.node("silent", NodeState.ONLINE, 8, List.of(), "music"));
    assertThat(choose(SomeTasks.needs("play"))).isNull();
    assertThat(choose(new Needs("play", "music", null, Set.of()))).isEqualTo("silent");
    assertThat(choose(new Needs("play", null, "silent", Set.of()))).isEqualTo("silent");
  }

  private String choose(Needs needs) {
    Node node =
        new NodeChoice(
                nodes,
                id -> tags.getOrDefault(id, Set.of()),
                id -> active.getOrDefault(id, 0),
                id -> turns.getOrDefault(id, 0L))
            .choose(needs);
    if (node == null) {
      return null;
    }
    active.merge(node.id(), 1, Integer::sum);
    turns.put(node.id(), ++turn);
    return node.id();
  }
}
