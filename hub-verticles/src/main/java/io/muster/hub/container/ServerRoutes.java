package io.muster.hub.container;

import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.muster.event.Events;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Model servers: deployed, looked at, taken away. */
final class ServerRoutes implements ApiRoutes {
  private static final String PATH = "/api/admin/model-servers";
  private static final int GRACE_SECONDS = 10;

  private final ContainerOrders orders;
  private final ContainerStore store;
  private final ServerReconciler reconciler;
  private final AdminGuard guard;
  private final Events events;
  private final Clock clock;

  ServerRoutes(
      ContainerOrders orders,
      ContainerStore store,
      ServerReconciler reconciler,
      AdminGuard guard,
      Events events,
      Clock clock) {
    this.orders = orders;
    this.store = store;
    this.reconciler = reconciler;
    this.guard = guard;
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(PATH).handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> list()));
    router.post(PATH).handler(guard.forAdmins(api, Role.ADMIN, this::deploy));
    router
        .get(PATH + "/templates")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> templates()));
    router
        .get(PATH + "/:name")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> show(call.path("name"))));
    router.delete(PATH + "/:name").handler(guard.forAdmins(api, Role.ADMIN, this::remove));
  }

  private static Future<ApiReply> templates() {
    return Future.succeededFuture(
        ApiReply.ok(new JsonObject().put("success", true).put("templates", ServerTemplates.all())));
  }

  private Future<ApiReply> deploy(ApiCall call, AdminUser user) {
    return call.body()
        .compose(
            body -> {
              ContainerSpec spec = ServerTemplates.read(body);
              ServerRecord server =
                  new ServerRecord(
                      spec.server().name(), spec, 0, null, clock.millis(), user.name());
              AuditLog.note(call, server.name(), new JsonObject().put("image", spec.image()));
              return store
                  .add(server)
                  .map(
                      added -> {
                        if (!added) {
                          throw ApiErrors.of(
                              409,
                              "model_server_exists",
                              "There is a model server '" + server.name() + "' already.");
                        }
                        events.emit(
                            "model_server_created",
                            Map.of("name", server.name(), "by", user.name()));
                        reconciler.changed();
                        return ApiReply.of(202, shown(json(server, null)));
                      });
            });
  }

  private static JsonObject shown(JsonObject server) {
    return new JsonObject().put("success", true).put("modelServer", server);
  }

  private Future<ApiReply> list() {
    return store
        .servers()
        .compose(
            servers -> {
              List<Future<JsonObject>> all = servers.stream().map(this::withContainer).toList();
              return Future.join(all)
                  .map(
                      done -> {
                        JsonArray list = new JsonArray();
                        all.forEach(each -> list.add(each.result()));
                        return ApiReply.ok(
                            new JsonObject()
                                .put("success", true)
                                .put("modelServers", list)
                                .put("total", list.size()));
                      });
            });
  }

  private Future<ApiReply> show(String name) {
    return find(name).compose(this::withContainer).map(json -> ApiReply.ok(shown(json)));
  }

  private Future<ServerRecord> find(String name) {
    return store
        .servers()
        .map(
            servers ->
                servers.stream()
                    .filter(server -> server.name().equals(name))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            ApiErrors.notFound(
                                "model_server_not_found",
                                "There is no model server '" + name + "'.")));
  }

  private Future<JsonObject> withContainer(ServerRecord server) {
    if (server.nodeId() == null || !orders.isUp(server.nodeId())) {
      return Future.succeededFuture(json(server, null));
    }
    return orders
        .<Offer>ask(server.nodeId(), new ContainerMessage.AskOffer(server.claimId()))
        .map(offer -> json(server, offer.claim()))
        .otherwise(cause -> json(server, null));
  }

  private JsonObject json(ServerRecord server, ContainerInfo container) {
    String state;
    if (container != null) {
      state =
          container.state() == ContainerInfo.State.RUNNING
              ? container.health()
              : ContainerJson.name(container.state());
    } else if (server.nodeId() == null) {
      state = "waiting";
    } else {
      state = orders.isUp(server.nodeId()) ? "pending" : "node-away";
    }
    return new JsonObject()
        .put("name", server.name())
        .put("state", state)
        .put("node_id", server.nodeId())
        .put("reason", reconciler.reason(server.name()))
        .put("image", server.spec().image())
        .put("models", new JsonArray(server.spec().server().models()))
        .put("port", server.spec().server().port())
        .put("health_path", server.spec().server().healthPath())
        .put("gpus", server.spec().gpuCount())
        .put("tags", new JsonArray(server.spec().tags()))
        .put("env_names", new JsonArray(server.spec().withoutEnv().env()))
        .put("placements", server.generation())
        .put("created_at", Instant.ofEpochMilli(server.createdAt()).toString())
        .put("created_by", server.createdBy())
        .put("container", container == null ? null : ContainerJson.of(container));
  }

  private Future<ApiReply> remove(ApiCall call, AdminUser user) {
    String name = call.path("name");
    return find(name)
        .compose(server -> store.remove(name).map(server))
        .map(
            server -> {
              events.emit("model_server_removed", Map.of("name", name, "by", user.name()));
              if (server.nodeId() != null && orders.isUp(server.nodeId())) {
                // A node that is away is told when it is back.
                orders
                    .<Claimed>ask(
                        server.nodeId(),
                        new ContainerMessage.RemoveContainer(server.claimId(), GRACE_SECONDS))
                    .onComplete(done -> reconciler.changed());
              }
              return ApiReply.ok(new JsonObject().put("success", true).put("name", name));
            });
  }
}
