package io.muster.hub.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.hub.http.JsonBody;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a node says of itself in {@code node_register} and {@code register_tools}, checked. */
final class NodeDescription {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
  private static final int MAX_ENTRIES = 1000;
  private static final int MAX_CHARACTERS = 200;
  private static final int MAX_TOOL_DESCRIPTION = 8_192;
  private static final int MAX_TOOL_SCHEMA = 65_536;

  /** As long as the column is that says which process has a task. */
  private static final int MAX_INSTANCE_CHARACTERS = 100;

  private static final int MAX_CONCURRENT = 100_000;

  private NodeDescription() {}

  /**
   * What hubs are to know of the node.
   *
   * @param connectionId stands for the process of a node that does not tell its own
   * @param now milliseconds since 1970
   */
  static NodeInfo read(
      JsonBody data, String nodeId, String memberId, String connectionId, long now) {
    NodeInfo own = muster(data);
    String name = bounded("name", data.string("name"));
    NodeType type = type(data.string("type"));
    if (!data.has("capabilities")) {
      throw new FrameFault(
          "invalid_field", "'capabilities' is missing: it has to be an array of strings");
    }
    List<String> capabilities = names("capabilities", data.strings("capabilities"));
    JsonBody config = data.object("config").orElseGet(() -> JsonBody.of(new JsonObject()));
    Map<String, Object> personality =
        data.object("personality").map(object -> object.toJson().getMap()).orElse(null);
    if (own != null) {
      return with(own, nodeId, memberId, own.instance());
    }
    return new NodeInfo(
        nodeId,
        connectionId,
        memberId,
        name,
        null,
        type,
        data.optionalString("version").map(version -> bounded("version", version)).orElse(null),
        now,
        capabilities,
        tools(data),
        List.of(),
        personality,
        data.optionalString("endpoint").map(url -> bounded("endpoint", url)).orElse(null),
        null,
        (int) config.integer("maxConcurrentTasks", 1, MAX_CONCURRENT, 1),
        config.object("resources").map(NodeDescription::resources).orElse(null),
        config.object("metadata").map(NodeDescription::metadata).orElse(Map.of()));
  }

  /**
   * What is in {@code tools}, whose entries are names, or objects with {@code name}, {@code
   * description} and the arguments' JSON Schema as {@code schema}, {@code parameters} (as OpenAI
   * names it) or {@code inputSchema} (as MCP does).
   */
  static List<ToolInfo> tools(JsonBody data) {
    if (!data.has("tools")) {
      return List.of();
    }
    if (!data.tree().get("tools").isArray()) {
      throw new FrameFault("invalid_field", "'tools' has to be an array");
    }
    JsonArray tools = data.toJson().getJsonArray("tools");
    if (tools.size() > MAX_ENTRIES) {
      throw new FrameFault("invalid_field", "'tools' has more than " + MAX_ENTRIES + " entries");
    }
    Map<String, ToolInfo> named = new LinkedHashMap<>();
    for (int i = 0; i < tools.size(); i++) {
      ToolInfo tool = tool("tools[" + i + "]", tools.getValue(i));
      named.putIfAbsent(tool.name(), tool);
    }
    return List.copyOf(named.values());
  }

  private static ToolInfo tool(String field, Object given) {
    if (given instanceof String name) {
      return ToolInfo.named(bounded(field, name));
    }
    if (!(given instanceof JsonObject tool) || !(tool.getValue("name") instanceof String name)) {
      throw new FrameFault(
          "invalid_field", "'" + field + "' has to be a name, or an object with a 'name'");
    }
    Object description = tool.getValue("description");
    if (description != null
        && (!(description instanceof String text) || text.length() > MAX_TOOL_DESCRIPTION)) {
      throw new FrameFault(
          "invalid_field",
          "'%s.description' has to be a text of at most %d characters"
              .formatted(field, MAX_TOOL_DESCRIPTION));
    }
    return new ToolInfo(bounded(field + ".name", name), (String) description, schema(field, tool));
  }

  private static Map<String, Object> schema(String field, JsonObject tool) {
    for (String key : List.of("schema", "parameters", "inputSchema")) {
      Object schema = tool.getValue(key);
      if (schema != null) {
        if (!(schema instanceof JsonObject object) || object.encode().length() > MAX_TOOL_SCHEMA) {
          throw new FrameFault(
              "invalid_field",
              "'%s.%s' has to be a JSON Schema of at most %d characters"
                  .formatted(field, key, MAX_TOOL_SCHEMA));
        }
        return object.getMap();
      }
    }
    return null;
  }

  /** The description under what the connection proved. */
  static NodeInfo with(NodeInfo info, String nodeId, String memberId, String instance) {
    return new NodeInfo(
        nodeId,
        instance,
        memberId,
        info.name(),
        info.location(),
        info.type() == null ? NodeType.WORKER : info.type(),
        info.version(),
        info.startedAt(),
        info.capabilities(),
        info.tools(),
        info.models(),
        info.personality(),
        info.endpoint(),
        info.ips(),
        Math.max(1, Math.min(MAX_CONCURRENT, info.maxConcurrent())),
        info.resources(),
        info.metadata());
  }

  static NodeInfo withTools(NodeInfo info, List<ToolInfo> tools) {
    return new NodeInfo(
        info.id(),
        info.instance(),
        info.memberId(),
        info.name(),
        info.location(),
        info.type(),
        info.version(),
        info.startedAt(),
        info.capabilities(),
        tools,
        info.models(),
        info.personality(),
        info.endpoint(),
        info.ips(),
        info.maxConcurrent(),
        info.resources(),
        info.metadata());
  }

  private static NodeInfo muster(JsonBody data) {
    if (!data.has("muster")) {
      return null;
    }
    NodeInfo info;
    try {
      info = MAPPER.treeToValue(data.tree().get("muster"), NodeInfo.class);
    } catch (JsonProcessingException | RuntimeException e) {
      throw new FrameFault("invalid_field", "'muster' is no description of a Muster node");
    }
    if (info.instance() == null || info.instance().isEmpty() || info.name() == null) {
      throw new FrameFault("invalid_field", "'muster' names no 'instance' or no 'name'");
    }
    bounded("muster.instance", info.instance(), MAX_INSTANCE_CHARACTERS);
    bounded("muster.name", info.name());
    for (ModelInfo model : info.models()) {
      if (model == null || model.id() == null || model.provider() == null) {
        throw new FrameFault("invalid_field", "'muster.models' has one without 'id' or 'provider'");
      }
    }
    for (ToolInfo tool : info.tools()) {
      if (tool == null || tool.name() == null) {
        throw new FrameFault("invalid_field", "'muster.tools' has one without 'name'");
      }
    }
    return info;
  }

  private static NodeType type(String word) {
    return switch (word) {
      case "worker" -> NodeType.WORKER;
      case "companion" -> NodeType.COMPANION;
      default -> throw new FrameFault("invalid_field", "'type' has to be worker or companion");
    };
  }

  private static NodeInfo.Resources resources(JsonBody json) {
    return new NodeInfo.Resources(
        (int) json.number("cpu", 0, 1_000_000, 0),
        (long) json.number("memory", 0, Long.MAX_VALUE, 0),
        (long) json.number("disk", 0, Long.MAX_VALUE, 0));
  }

  private static Map<String, String> metadata(JsonBody json) {
    Map<String, String> metadata = new LinkedHashMap<>();
    json.toJson()
        .forEach(
            entry -> {
              if (entry.getValue() != null && metadata.size() < MAX_ENTRIES) {
                metadata.put(entry.getKey(), entry.getValue().toString());
              }
            });
    return metadata;
  }

  private static List<String> names(String field, List<String> given) {
    if (given.size() > MAX_ENTRIES) {
      throw new FrameFault(
          "invalid_field", "'" + field + "' has more than " + MAX_ENTRIES + " entries");
    }
    Set<String> names = new LinkedHashSet<>();
    for (String name : given) {
      names.add(bounded(field, name));
    }
    return List.copyOf(names);
  }

  private static String bounded(String field, String text) {
    return bounded(field, text, MAX_CHARACTERS);
  }

  private static String bounded(String field, String text, int most) {
    if (text.isEmpty() || text.length() > most) {
      throw new FrameFault(
          "invalid_field", "'" + field + "' has to have 1 to " + most + " characters");
    }
    return text;
  }
}
