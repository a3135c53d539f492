package io.muster.hub.tool;

import java.util.List;
import java.util.Map;

/**
 * A tool that nodes offer now. Tools of one name are taken for the same tool; what is shown of it
 * is what the first node by id says that says anything.
 *
 * @param description for people and models, empty where no node gave one
 * @param schema a JSON Schema of its arguments; an object of any fields where no node gave one
 * @param nodes the ids of those that offer it and take new work, sorted
 */
public record Offered(
    String name, String description, Map<String, Object> schema, List<String> nodes) {
  /** Takes any object. */
  static final Map<String, Object> ANYTHING = Map.of("type", "object");

  public Offered {
    nodes = List.copyOf(nodes);
  }
}
