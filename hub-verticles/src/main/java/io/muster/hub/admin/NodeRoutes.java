package io.muster.hub.admin;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.event.Events;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeState;
import io.muster.node.NodeType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** The nodes: listed, looked at, and told what to do. */
final class NodeRoutes implements ApiRoutes {
  private static final String NODES = "/api/admin/nodes";
  private static final String NODE = NODES + "/:nodeId";
  private static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
  private static final int MOST_LINES = 1_000;

  private final FleetView fleet;
  private final Steering steering;
  private final NodeOrders orders;
  private final Function<String, Future<Boolean>> forget;
  private final AdminGuard guard;
  private final Events events;
  private final Clock clock;

  /**
   * @param forget unregisters a node everywhere; false when nobody knew it
   */
  NodeRoutes(
      FleetView fleet,
      Steering steering,
      NodeOrders orders,
      Function<String, Future<Boolean>> forget,
      AdminGuard guard,
      Events events,
      Clock clock) {
    this.fleet = fleet;
    this.steering = steering;
    this.orders = orders;
    this.forget = forget;
    this.guard = guard;
    this.events = events;
    this.clock = clock;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(NODES).handler(guard.forAdmins(api, Role.VIEWER, this::list));
    router.get(NODE).handler(guard.forAdmins(api, Role.VIEWER, this::show));
    router.get(NODE + "/stats").handler(guard.forAdmins(api, Role.VIEWER, this::stats));
    router.get(NODE + "/logs").handler(guard.forAdmins(api, Role.VIEWER, this::logs));
    router
        .post(NODE + "/heartbeat-check")
        .handler(guard.forAdmins(api, Role.VIEWER, this::heartbeatCheck));
    router.post(NODE + "/drain").handler(guard.forAdmins(api, Role.ADMIN, this::drain));
    router.post(NODE + "/resume").handler(guard.forAdmins(api, Role.ADMIN, this::resume));
    router.post(NODE + "/restart").handler(guard.forAdmins(api, Role.ADMIN, this::restart));
    router.post(NODE + "/unload").handler(guard.forAdmins(api, Role.ADMIN, this::unload));
    router.put(NODE + "/tags").handler(guard.forAdmins(api, Role.ADMIN, this::tag));
    router.delete(NODE).handler(guard.forAdmins(api, Role.ADMIN, this::remove));
  }

  private Future<ApiReply> list(ApiCall call, AdminUser user) {
    Predicate<NodeView> wanted =
        filter(call, "type", names(NodeType.values()), (n, v) -> name(n.info().type()).equals(v))
            .and(
                filter(
                    call,
                    "status",
                    names(NodeState.values()),
                    (n, v) -> n.state().label().equals(v)))
            .and(filter(call, "capability", (n, v) -> n.info().capabilities().contains(v)))
            .and(filter(call, "tag", (n, v) -> steering.of(n.info().id()).contains(v)))
            .and(filter(call, "group", (n, v) -> steering.isIn(n.info().id(), v)));
    JsonArray nodes = new JsonArray();
    fleet.nodes().stream().filter(wanted).forEach(node -> nodes.add(json(node)));
    return ok(new JsonObject().put("nodes", nodes).put("total", nodes.size()));
  }

  private interface Test {
    boolean holds(NodeView node, String value);
  }

  private static Predicate<NodeView> filter(ApiCall call, String name, Test test) {
    return filter(call, name, List.of(), test);
  }

  private static Predicate<NodeView> filter(
      ApiCall call, String name, List<String> allowed, Test test) {
    Optional<String> value = call.query(name);
    if (value.isEmpty()) {
      return node -> true;
    }
    if (!allowed.isEmpty() && !allowed.contains(value.get())) {
      throw ApiErrors.invalid(
          name, "'" + name + "' has to be one of " + String.join(", ", allowed) + ".");
    }
    return node -> test.holds(node, value.get());
  }

  private Future<ApiReply> show(ApiCall call, AdminUser user) {
    return ok(new JsonObject().put("node", json(node(call))));
  }

  private Future<ApiReply> stats(ApiCall call, AdminUser user) {
    return ok(new JsonObject().put("stats", AdminNodeJson.statsOf(node(call), clock.millis())));
  }

  private Future<ApiReply> logs(ApiCall call, AdminUser user) {
    int limit = (int) call.query("limit", 1, MOST_LINES, 100);
    String level = call.query("level").orElse("info");
    if (!LEVELS.contains(level)) {
      throw ApiErrors.invalid(
          "level", "'level' has to be one of " + String.join(", ", LEVELS) + ".");
    }
    return orders
        .<NodeAnswer.LogPage>ask(node(call).info().id(), new NodeCommand.FetchLogs(level, limit))
        .map(
            page -> {
              JsonArray lines = new JsonArray();
              page.lines().forEach(line -> lines.add(line(line)));
              return reply(new JsonObject().put("logs", lines).put("missing", page.missing()));
            });
  }

  private static JsonObject line(NodeAnswer.LogLine line) {
    JsonObject json =
        new JsonObject()
            .put("timestamp", line.at())
            .put("level", line.level())
            .put("logger", line.logger())
            .put("thread", line.thread())
            .put("message", line.message());
    if (line.request() != null) {
      json.put("requestId", line.request());
    }
    return line.error() == null ? json : json.put("error", line.error());
  }

  /** Asks the node itself; one that cannot answer is as the hub sees it. */
  private Future<ApiReply> heartbeatCheck(ApiCall call, AdminUser user) {
    NodeView node = node(call);
    String id = node.info().id();
    return orders
        .<NodeAnswer.Pong>ask(id, new NodeCommand.PingNode())
        .map(
            pong ->
                reply(
                    new JsonObject()
                        .put("status", "online")
                        .put("lastHeartbeat", clock.millis())
                        .put("answered", true)
                        .put("draining", pong.draining())))
        .recover(
            silent -> {
              NodeView seen = fleet.node(id).orElse(node);
              return ok(
                  new JsonObject()
                      .put("status", seen.isUp() && !isGone(silent) ? "online" : "offline")
                      .put("lastHeartbeat", seen.lastHeartbeat())
                      .put("answered", false)
                      .put("reason", silent.getMessage()));
            });
  }

  /** Nobody serves its address; one that merely does not know the question is there. */
  private static boolean isGone(Throwable cause) {
    return Fault.from(cause).failure() == Failure.UNREACHABLE;
  }

  private Future<ApiReply> drain(ApiCall call, AdminUser user) {
    String id = node(call).info().id();
    return steering
        .drain(id, user.name())
        .compose(v -> tell(id, new NodeCommand.DrainNode("drained by " + user.name())))
        .compose(
            told -> {
              events.emit("node_drained", event(id, user));
              return steered(id, told);
            });
  }

  private Future<ApiReply> resume(ApiCall call, AdminUser user) {
    String id = node(call).info().id();
    return steering
        .resume(id)
        .compose(v -> tell(id, new NodeCommand.ResumeNode()))
        .compose(
            told -> {
              events.emit("node_resumed", event(id, user));
              return steered(id, told);
            });
  }

  private Map<String, Object> event(String id, AdminUser user) {
    return Map.of("nodeId", id, "by", user.name(), "timestamp", clock.millis());
  }

  private Future<ApiReply> steered(String id, boolean told) {
    NodeView node = fleet.node(id).orElseThrow(() -> unknown(id));
    return ok(
        new JsonObject()
            .put("nodeId", id)
            .put("draining", steering.drained(id).isPresent())
            .put("activeTasks", node.active())
            .put("nodeTold", told));
  }

  /** Whether the node has heard of it; what the hub does of it holds either way. */
  private Future<Boolean> tell(String id, NodeCommand command) {
    if (!fleet.node(id).map(NodeView::isUp).orElse(false)) {
      return Future.succeededFuture(false);
    }
    return orders.<Ack>ask(id, command).map(true).otherwise(false);
  }

  private Future<ApiReply> restart(ApiCall call, AdminUser user) {
    return end(call, new NodeCommand.RestartNode("restarted by " + user.name()), "restarting");
  }

  private Future<ApiReply> unload(ApiCall call, AdminUser user) {
    return end(call, new NodeCommand.UnloadNode("unloaded by " + user.name()), "unloading");
  }

  private Future<ApiReply> end(ApiCall call, NodeCommand command, String doing) {
    String id = node(call).info().id();
    return orders
        .<Ack>ask(id, command)
        .map(
            done ->
                ApiReply.of(
                    202,
                    new JsonObject()
                        .put("success", true)
                        .put("nodeId", id)
                        .put("message", "Node is " + doing)));
  }

  private Future<ApiReply> tag(ApiCall call, AdminUser user) {
    String id = node(call).info().id();
    return call.body()
        .compose(
            body -> {
              var tags = TagNames.read(body.only("tags"), "tags");
              AuditLog.note(
                  call, id, new JsonObject().put("tags", new JsonArray(List.copyOf(tags))));
              return steering.tag(id, tags);
            })
        .compose(
            v ->
                ok(
                    new JsonObject()
                        .put("nodeId", id)
                        .put("tags", new JsonArray(List.copyOf(steering.of(id))))));
  }

  private Future<ApiReply> remove(ApiCall call, AdminUser user) {
    String id = call.path("nodeId");
    return forget
        .apply(id)
        .map(
            known -> {
              if (!known) {
                throw unknown(id);
              }
              return reply(new JsonObject().put("message", "Node unregistered successfully"));
            });
  }

  private NodeView node(ApiCall call) {
    String id = call.path("nodeId");
    return fleet.node(id).orElseThrow(() -> unknown(id));
  }

  private static RuntimeException unknown(String id) {
    return ApiErrors.notFound("node_not_found", "The fleet knows no node " + id + ".");
  }

  private JsonObject json(NodeView node) {
    String id = node.info().id();
    return AdminNodeJson.of(
        node, steering.of(id), steering.drained(id).orElse(null), clock.millis());
  }

  private static List<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(NodeRoutes::name).toList();
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Future<ApiReply> ok(JsonObject body) {
    return Future.succeededFuture(reply(body));
  }

  private static ApiReply reply(JsonObject body) {
    return ApiReply.ok(new JsonObject().put("success", true).mergeIn(body));
  }
}
