package io.muster.hub.task;

import java.util.Set;

/**
 * What a node has to have for a task; tasks with equal needs wait in one line.
 *
 * @param toolName of the tool
 * @param capability null when any will do
 * @param nodeId the one node it is for, null when any will do
 * @param tags all of which the node has to carry
 */
record Needs(String toolName, String capability, String nodeId, Set<String> tags) {
  Needs {
    tags = Set.copyOf(tags);
  }

  /** Why it waits, for people. */
  String describe() {
    StringBuilder text = new StringBuilder("it waits for a node with a free place");
    if (nodeId != null) {
      text.append(" that is ").append(nodeId);
    }
    text.append(" offering the tool ").append(toolName);
    if (capability != null) {
      text.append(" with the capability ").append(capability);
    }
    if (!tags.isEmpty()) {
      text.append(" and tagged ").append(String.join(", ", tags.stream().sorted().toList()));
    }
    return text.toString();
  }
}
