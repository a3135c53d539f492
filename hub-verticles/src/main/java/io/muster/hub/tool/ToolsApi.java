package io.muster.hub.tool;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/** {@code GET /api/tools}: what may be named in a chat's {@code tools} now. */
public final class ToolsApi implements ApiRoutes {
  private final FleetTools tools;

  public ToolsApi(FleetTools tools) {
    this.tools = tools;
  }

  @Override
  public void add(Router router, Api api) {
    router
        .get("/api/tools")
        .handler(api.forCallers(call -> Future.succeededFuture(ApiReply.ok(list()))));
  }

  private JsonObject list() {
    JsonArray list = new JsonArray();
    for (Offered tool : tools.list()) {
      list.add(
          new JsonObject()
              .put("name", tool.name())
              .put("description", tool.description())
              .put("schema", new JsonObject(tool.schema()))
              .put("nodes", new JsonArray(tool.nodes())));
    }
    return new JsonObject().put("tools", list);
  }
}
