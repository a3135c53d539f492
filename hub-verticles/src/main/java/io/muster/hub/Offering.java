package io.muster.hub;

import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.task.Tasks;
import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.ToolsApi;
import java.util.List;

/** What the hub makes of what its nodes offer beside models. */
final class Offering {
  private final FleetTools tools;

  Offering(NodeRegistry registry, Tasks tasks) {
    this.tools = new FleetTools(registry::takers, tasks.awaited());
  }

  FleetTools tools() {
    return tools;
  }

  List<ApiRoutes> routes() {
    return List.of(new ToolsApi(tools));
  }
}
