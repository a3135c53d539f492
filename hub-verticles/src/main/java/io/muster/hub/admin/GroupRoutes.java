package io.muster.hub.admin;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Set;

/** Groups: the nodes that have all tags of a set, under a name. */
final class GroupRoutes implements ApiRoutes {
  private static final String GROUPS = "/api/admin/groups";
  private static final String GROUP = GROUPS + "/:group";

  private final Steering steering;
  private final FleetView fleet;
  private final AdminGuard guard;

  GroupRoutes(Steering steering, FleetView fleet, AdminGuard guard) {
    this.steering = steering;
    this.fleet = fleet;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(GROUPS).handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> list()));
    router.put(GROUP).handler(guard.forAdmins(api, Role.ADMIN, this::put));
    router.delete(GROUP).handler(guard.forAdmins(api, Role.ADMIN, this::remove));
  }

  private Future<ApiReply> list() {
    JsonArray groups = new JsonArray();
    steering.groups().forEach((name, tags) -> groups.add(json(name, tags)));
    return Future.succeededFuture(
        ApiReply.ok(
            new JsonObject()
                .put("success", true)
                .put("groups", groups)
                .put("total", groups.size())));
  }

  private JsonObject json(String name, Set<String> tags) {
    JsonArray members = new JsonArray();
    fleet.nodes().stream()
        .map(node -> node.info().id())
        .filter(id -> steering.isIn(id, name))
        .forEach(members::add);
    return new JsonObject()
        .put("name", name)
        .put("tags", new JsonArray(List.copyOf(tags)))
        .put("nodes", members);
  }

  private Future<ApiReply> put(ApiCall call, AdminUser user) {
    String name = TagNames.one("group", call.path("group"));
    return call.body()
        .compose(
            body -> {
              Set<String> tags = TagNames.read(body.only("tags"), "tags");
              if (tags.isEmpty()) {
                throw ApiErrors.invalid(
                    "tags", "'tags' has to have one tag at least: a group of none is all nodes.");
              }
              AuditLog.note(
                  call, name, new JsonObject().put("tags", new JsonArray(List.copyOf(tags))));
              return steering.group(name, tags).map(tags);
            })
        .map(
            tags ->
                ApiReply.ok(new JsonObject().put("success", true).put("group", json(name, tags))));
  }

  private Future<ApiReply> remove(ApiCall call, AdminUser user) {
    String name = call.path("group");
    return steering
        .removeGroup(name)
        .map(
            removed -> {
              if (!removed) {
                throw ApiErrors.notFound("group_not_found", "There is no group " + name + ".");
              }
              return ApiReply.ok(new JsonObject().put("success", true).put("name", name));
            });
  }
}
