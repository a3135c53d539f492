package io.muster.hub.mcp;

import io.muster.hub.tool.ToolResult;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;

/** What came of a call as MCP says it. Pure. */
final class ToolContent {
  private static final Set<String> TYPES =
      Set.of("text", "image", "audio", "resource", "resource_link");

  private static final Set<String> RESULT =
      Set.of("content", "structuredContent", "isError", "_meta");

  private ToolContent() {}

  /** A {@code CallToolResult}. */
  static JsonObject of(ToolResult result) {
    JsonObject json = result.ok() ? content(result.value()) : failed(result);
    JsonObject meta = new JsonObject();
    if (result.nodeId() != null) {
      meta.put("io.muster/node", result.nodeId());
    }
    if (result.taskId() != null) {
      meta.put("io.muster/task", result.taskId());
    }
    return meta.isEmpty() ? json : json.put("_meta", meta);
  }

  private static JsonObject failed(ToolResult result) {
    return new JsonObject()
        .put("content", text(result.error().message() + " (" + result.error().code() + ")"))
        .put("isError", true);
  }

  private static JsonObject content(Object value) {
    if (value == null) {
      return new JsonObject().put("content", new JsonArray());
    }
    if (value instanceof String text) {
      return new JsonObject().put("content", text(text));
    }
    if (value instanceof JsonObject object) {
      return isContent(object)
          ? passed(object)
          : new JsonObject().put("content", text(object.encode())).put("structuredContent", object);
    }
    return new JsonObject()
        .put("content", text(value instanceof JsonArray array ? array.encode() : value.toString()));
  }

  /** Whether the tool speaks MCP's language already, as those of MCP servers do. */
  private static boolean isContent(JsonObject object) {
    return RESULT.containsAll(object.fieldNames())
        && object.getValue("content") instanceof JsonArray parts
        && parts.stream()
            .allMatch(
                part -> part instanceof JsonObject one && TYPES.contains(one.getValue("type")));
  }

  private static JsonObject passed(JsonObject object) {
    JsonObject json = new JsonObject().put("content", object.getJsonArray("content"));
    if (object.getValue("structuredContent") instanceof JsonObject structured) {
      json.put("structuredContent", structured);
    }
    return Boolean.TRUE.equals(object.getValue("isError")) ? json.put("isError", true) : json;
  }

  private static JsonArray text(String text) {
    return new JsonArray().add(new JsonObject().put("type", "text").put("text", text));
  }
}
