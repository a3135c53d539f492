package io.muster.worker.task;

import io.muster.node.ToolInfo;
import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The tools that this worker offers now. Used on the worker's event loop. */
public final class Tools {
  private final Map<String, Tool> byName = new LinkedHashMap<>();
  private final Runnable changed;
  private Set<String> off = Set.of();

  /**
   * @param changed is told when others are offered than before
   */
  public Tools(Runnable changed) {
    this.changed = changed;
  }

  /** Offers these too; one of a name that is taken replaces the other. */
  public void add(Collection<Tool> tools) {
    boolean more = false;
    for (Tool tool : tools) {
      more |= byName.put(tool.name(), tool) == null;
    }
    if (more) {
      changed.run();
    }
  }

  /** Offers this one no more. */
  public void remove(String name) {
    if (byName.remove(name) != null) {
      changed.run();
    }
  }

  /** Offers all but these, however they come in; those that run go on. */
  public void off(Collection<String> names) {
    if (!off.equals(Set.copyOf(names))) {
      off = Set.copyOf(names);
      changed.run();
    }
  }

  public Optional<Tool> find(String name) {
    return off.contains(name) ? Optional.empty() : Optional.ofNullable(byName.get(name));
  }

  public List<String> names() {
    return all().stream().map(Tool::name).toList();
  }

  /** As the node registers with them. */
  public List<ToolInfo> infos() {
    return all().stream()
        .map(tool -> new ToolInfo(tool.name(), tool.description(), plain(tool.schema())))
        .toList();
  }

  /** Maps and lists all the way down: the bus knows nothing of Vert.x' own JSON inside a map. */
  private static Map<String, Object> plain(JsonObject schema) {
    return new JsonObject(schema.toBuffer()).getMap();
  }

  public List<Tool> all() {
    return byName.values().stream().filter(tool -> !off.contains(tool.name())).toList();
  }
}
