package io.muster.worker.mcp;

import io.modelcontextprotocol.spec.McpSchema;
import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolContext;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** One tool of an MCP server, under a name that holds the server's. */
final class ServerTool implements Tool {
  static final String BETWEEN = "__";

  private final McpConnection connection;
  private final McpSchema.Tool tool;
  private final String name;

  ServerTool(McpConnection connection, String server, McpSchema.Tool tool) {
    this.connection = connection;
    this.tool = tool;
    this.name = server + BETWEEN + tool.name();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    if (tool.description() != null && !tool.description().isEmpty()) {
      return tool.description();
    }
    return tool.title() == null ? tool.name() : tool.title();
  }

  @Override
  public JsonObject schema() {
    return new JsonObject(
        tool.inputSchema() == null ? Map.of("type", "object") : tool.inputSchema());
  }

  /** How long what it says of itself is. */
  int chars() {
    return description().length() + schema().encode().length();
  }

  @Override
  public Future<Object> run(JsonObject args, ToolContext context) {
    return connection.call(tool.name(), args, context);
  }
}
