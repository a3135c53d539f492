package io.muster.hub;

import io.muster.bus.Registration;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.container.ContainersDesk;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.ToolDesk;
import io.muster.hub.mcp.McpApi;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.storage.Database;
import io.muster.hub.task.Tasks;
import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.ToolChats;
import io.muster.hub.tool.ToolsApi;
import io.muster.hub.tunnel.Tunnels;
import io.muster.runtime.settings.McpSettings;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** What the hub makes of what its nodes offer beside models. */
final class Offering {
  private final FleetTools tools;
  private final ToolChats chats;
  private final Tunnels tunnels;
  private final ContainersDesk containers;
  private final Optional<McpApi> mcp;

  Offering(
      HubContext hub,
      Database database,
      NodeRegistry registry,
      FleetView fleet,
      NodeTags tags,
      NodeOrders orders,
      Tasks tasks) {
    this.tools = new FleetTools(registry::takers, tasks.awaited());
    this.chats =
        new ToolChats(tools, hub.config().toolChats(), hub.events()::emit, System::nanoTime);
    this.tunnels =
        new Tunnels(hub.bus(), orders, database, fleet, hub.settings(), hub.events(), hub.clock());
    this.containers =
        new ContainersDesk(
            hub.vertx(),
            hub.bus(),
            hub.settings(),
            database,
            fleet,
            tags,
            orders,
            hub::isFirst,
            hub.events(),
            hub.clock());
    this.mcp =
        hub.settings().get(McpSettings.MCP)
            ? Optional.of(new McpApi(hub.vertx(), tools, hub.settings(), hub.build().version()))
            : Optional.empty();
  }

  /**
   * Answers nodes from now on.
   *
   * @param watch watches the registrations, so that a lost one is made anew
   */
  Future<Void> start(Consumer<Registration> watch) {
    containers.start();
    return tunnels.start(watch);
  }

  /** Lets chats use the tools. */
  ToolDesk chats() {
    return chats;
  }

  /** Ends the streams that would else keep the server from stopping; the database is still open. */
  void close() {
    containers.close();
    mcp.ifPresent(McpApi::close);
  }

  FleetTools tools() {
    return tools;
  }

  List<ApiRoutes> routes(AdminGuard guard) {
    List<ApiRoutes> routes = new ArrayList<>(containers.routes(guard));
    routes.add(new ToolsApi(tools));
    routes.add(tunnels.routes(guard));
    mcp.ifPresent(routes::add);
    return routes;
  }
}
