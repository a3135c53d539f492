package io.muster.hub.container;

import io.muster.bus.Bus;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerAnswer.Containers;
import io.muster.container.ContainerAnswer.Details;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.identity.Command;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;

/** Containers, on one node or wherever they fit. */
final class ContainerRoutes implements ApiRoutes {
  private static final String ALL = "/api/admin/containers";
  private static final String ON_NODE = "/api/admin/nodes/:nodeId/containers";
  private static final String ONE = ON_NODE + "/:containerId";
  private static final int MOST_LINES = 100_000;

  private final Bus bus;
  private final ContainerOrders orders;
  private final Placer placer;
  private final AdminGuard guard;

  ContainerRoutes(Bus bus, ContainerOrders orders, Placer placer, AdminGuard guard) {
    this.bus = bus;
    this.orders = orders;
    this.placer = placer;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(ALL).handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> everywhere()));
    router.post(ALL).handler(guard.forAdmins(api, Role.ADMIN, this::place));
    router.get(ON_NODE).handler(guard.forAdmins(api, Role.VIEWER, this::list));
    router.post(ON_NODE).handler(guard.forAdmins(api, Role.ADMIN, this::create));
    router.get(ONE).handler(guard.forAdmins(api, Role.VIEWER, this::show));
    router.get(ONE + "/stats").handler(guard.forAdmins(api, Role.VIEWER, this::stats));
    router.get(ONE + "/logs").handler(api.forStreams(this::logs));
    router.post(ONE + "/stop").handler(guard.forAdmins(api, Role.ADMIN, this::stop));
    router.post(ONE + "/restart").handler(guard.forAdmins(api, Role.ADMIN, this::restart));
    router.delete(ONE).handler(guard.forAdmins(api, Role.ADMIN, this::remove));
  }

  private Future<ApiReply> everywhere() {
    List<Future<Containers>> asked = new ArrayList<>();
    JsonArray silent = new JsonArray();
    for (String nodeId : orders.nodes()) {
      asked.add(
          orders
              .<Containers>ask(nodeId, new ContainerMessage.ListContainers())
              .onFailure(cause -> silent.add(nodeId)));
    }
    return Future.join(asked)
        .otherwiseEmpty()
        .map(
            all -> {
              JsonArray list = new JsonArray();
              asked.stream()
                  .filter(Future::succeeded)
                  .flatMap(each -> each.result().containers().stream())
                  .forEach(container -> list.add(ContainerJson.of(container)));
              return ApiReply.ok(listed(list).put("silent_nodes", silent));
            });
  }

  private static JsonObject listed(JsonArray list) {
    return new JsonObject().put("success", true).put("containers", list).put("total", list.size());
  }

  private Future<ApiReply> place(ApiCall call, AdminUser user) {
    return spec(call).compose(placer::place).map(ContainerRoutes::claimed);
  }

  private Future<ApiReply> create(ApiCall call, AdminUser user) {
    String nodeId = node(call);
    return spec(call)
        .compose(spec -> orders.<Claimed>ask(nodeId, new ContainerMessage.CreateContainer(spec)))
        .map(ContainerRoutes::claimed);
  }

  private static Future<ContainerSpec> spec(ApiCall call) {
    return call.body()
        .map(
            body -> {
              ContainerSpec spec = ContainerBody.read(body.toJson());
              AuditLog.note(
                  call,
                  spec.claimId(),
                  new JsonObject()
                      .put("image", spec.image())
                      .put("gpus", spec.gpuCount())
                      .put("command", new JsonArray(spec.command())));
              return spec;
            });
  }

  private static ApiReply claimed(Claimed claimed) {
    JsonObject json =
        new JsonObject()
            .put("success", true)
            .put("container", ContainerJson.of(claimed.container()));
    if (!claimed.made()) {
      return ApiReply.ok(json);
    }
    return ApiReply.of(claimed.container().containerId() == null ? 202 : 201, json);
  }

  private Future<ApiReply> list(ApiCall call, AdminUser user) {
    return orders
        .<Containers>ask(node(call), new ContainerMessage.ListContainers())
        .map(
            told -> {
              JsonArray list = new JsonArray();
              told.containers().forEach(container -> list.add(ContainerJson.of(container)));
              return ApiReply.ok(listed(list));
            });
  }

  private Future<ApiReply> show(ApiCall call, AdminUser user) {
    return orders
        .<Details>ask(node(call), new ContainerMessage.InspectContainer(id(call)))
        .map(
            details ->
                shown(
                    ContainerJson.of(details.container())
                        .put("engine", new JsonObject(Buffer.buffer(details.json())))));
  }

  private static ApiReply shown(JsonObject container) {
    return ApiReply.ok(new JsonObject().put("success", true).put("container", container));
  }

  private Future<ApiReply> stats(ApiCall call, AdminUser user) {
    return orders
        .<Details>ask(node(call), new ContainerMessage.MeasureContainer(id(call)))
        .map(
            details ->
                ApiReply.ok(
                    new JsonObject()
                        .put("success", true)
                        .put("claim_id", details.container().claimId())
                        .put("stats", new JsonObject(Buffer.buffer(details.json())))));
  }

  private Future<Void> logs(ApiCall call) {
    int tail = (int) call.query("tail", -1, MOST_LINES, 100);
    boolean follow = !call.query("follow").orElse("true").equals("false");
    return guard
        .require(call, Role.VIEWER)
        .compose(
            user ->
                new ContainerStream(bus, orders, node(call), call).begin(id(call), tail, follow));
  }

  private Future<ApiReply> stop(ApiCall call, AdminUser user) {
    return ordered(call, new ContainerMessage.StopContainer(id(call), grace(call)))
        .map(container -> shown(ContainerJson.of(container)));
  }

  private Future<ApiReply> restart(ApiCall call, AdminUser user) {
    return ordered(call, new ContainerMessage.RestartContainer(id(call), grace(call)))
        .map(container -> shown(ContainerJson.of(container)));
  }

  private Future<ApiReply> remove(ApiCall call, AdminUser user) {
    String nodeId = node(call);
    return ordered(call, new ContainerMessage.RemoveContainer(id(call), grace(call)))
        .compose(
            container ->
                placer
                    .forget(container.claimId(), nodeId)
                    .map(v -> shown(ContainerJson.of(container))));
  }

  private Future<ContainerInfo> ordered(ApiCall call, Command command) {
    return orders.<Claimed>ask(node(call), command).map(Claimed::container);
  }

  private static String id(ApiCall call) {
    return call.path("containerId");
  }

  private static int grace(ApiCall call) {
    // Less than a node may take to answer.
    return (int) call.query("grace", 0, 30, 10);
  }

  private String node(ApiCall call) {
    String id = call.path("nodeId");
    if (!orders.knows(id)) {
      throw ApiErrors.notFound("node_not_found", "There is no node " + id + ".");
    }
    return id;
  }
}
