package io.muster.node;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A tool that a node offers.
 *
 * @param name as tasks and models call it
 * @param description for people and models, null where the node gave none
 * @param schema a JSON Schema of its arguments, null where the node gave none
 */
public record ToolInfo(String name, String description, Map<String, Object> schema) {
  /** Made from an object; {@link #named} from a bare name. */
  @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
  public ToolInfo(
      @JsonProperty("name") String name,
      @JsonProperty("description") String description,
      @JsonProperty("schema") Map<String, Object> schema) {
    this.name = name;
    this.description = description;
    // Not Map.copyOf: its values come from JSON, where null is one.
    this.schema = schema == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(schema));
  }

  /** A tool of which nothing but the name is known. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static ToolInfo named(String name) {
    return new ToolInfo(name, null, null);
  }

  /** The names of these. */
  public static List<String> names(List<ToolInfo> tools) {
    return tools.stream().map(ToolInfo::name).toList();
  }
}
