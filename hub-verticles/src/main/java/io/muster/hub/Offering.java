package io.muster.hub;

import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.ToolDesk;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.task.Tasks;
import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.ToolChats;
import io.muster.hub.tool.ToolsApi;
import java.util.List;

/** What the hub makes of what its nodes offer beside models. */
final class Offering {
  private final FleetTools tools;
  private final ToolChats chats;

  Offering(HubContext hub, NodeRegistry registry, Tasks tasks) {
    this.tools = new FleetTools(registry::takers, tasks.awaited());
    this.chats =
        new ToolChats(tools, hub.config().toolChats(), hub.events()::emit, System::nanoTime);
  }

  /** Lets chats use the tools. */
  ToolDesk chats() {
    return chats;
  }

  FleetTools tools() {
    return tools;
  }

  List<ApiRoutes> routes() {
    return List.of(new ToolsApi(tools));
  }
}
