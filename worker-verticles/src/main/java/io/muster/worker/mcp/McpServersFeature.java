package io.muster.worker.mcp;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.McpSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** The MCP servers of the worker's owner, whose tools become the worker's. */
public final class McpServersFeature implements NodeFeature {
  private static final int MOST_THREADS = 4;

  private final WorkerExecutor blocking;
  private final List<McpServer> servers;

  /** Whether the settings ask for it. */
  public static boolean isWanted(Settings settings) {
    return !settings.get(McpSettings.MCP_SERVERS).isEmpty();
  }

  /**
   * @throws StartRefused when the settings cannot be used
   */
  public McpServersFeature(NodeContext node) {
    Settings settings = node.settings();
    List<ServerAddress> addresses;
    try {
      addresses =
          ServerAddress.parse(
              settings.get(McpSettings.MCP_SERVERS), settings.get(McpSettings.MCP_TOKENS));
    } catch (IllegalArgumentException e) {
      throw new StartRefused(e.getMessage(), e);
    }
    this.blocking =
        node.vertx()
            .createSharedWorkerExecutor("muster-mcp", Math.min(MOST_THREADS, addresses.size()));
    String version = BuildInfo.of(McpServersFeature.class).version();
    this.servers =
        addresses.stream()
            .map(
                address ->
                    new McpServer(node.vertx(), blocking, address, node.tools(), settings, version))
            .toList();
  }

  @Override
  public String name() {
    return "mcp_servers";
  }

  @Override
  public Future<Void> start() {
    servers.forEach(McpServer::start);
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> stop() {
    return Future.join(servers.stream().map(McpServer::stop).toList())
        .eventually(blocking::close)
        .mapEmpty();
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("mcp_servers", this::finding));
  }

  private Finding finding() {
    List<String> away =
        servers.stream().filter(one -> one.problem() != null).map(McpServer::name).toList();
    return away.isEmpty()
        ? Finding.healthy(servers.size() + " MCP servers are there")
        : Finding.degraded("not there: " + String.join(", ", away) + "; /info says why");
  }

  @Override
  public JsonObject info() {
    JsonArray list = new JsonArray();
    servers.forEach(server -> list.add(server.info()));
    return new JsonObject().put("servers", list);
  }
}
