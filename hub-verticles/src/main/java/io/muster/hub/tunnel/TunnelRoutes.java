package io.muster.hub.tunnel;

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
import io.muster.hub.http.JsonBody;
import io.muster.hub.tunnel.TunnelStore.Held;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.TunnelReport;
import io.muster.tunnel.TunnelMessage.TunnelState;
import io.muster.tunnel.TunnelType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tunnels for administrators: listed, ordered, ended. */
final class TunnelRoutes implements ApiRoutes {
  private static final String NODE = "/api/admin/nodes/:nodeId/tunnels";

  private final Tunnels tunnels;
  private final TunnelStore store;
  private final FleetView fleet;
  private final AdminGuard guard;

  TunnelRoutes(Tunnels tunnels, TunnelStore store, FleetView fleet, AdminGuard guard) {
    this.tunnels = tunnels;
    this.store = store;
    this.fleet = fleet;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.get("/api/admin/tunnels").handler(guard.forAdmins(api, Role.VIEWER, this::all));
    router.get(NODE).handler(guard.forAdmins(api, Role.VIEWER, this::ofNode));
    router.post(NODE).handler(guard.forAdmins(api, Role.ADMIN, this::order));
    router.delete(NODE + "/:name").handler(guard.forAdmins(api, Role.ADMIN, this::cancel));
  }

  private Future<ApiReply> all(ApiCall call, AdminUser user) {
    return store.list(Optional.empty()).map(held -> reply(list(held, Map.of(), true)));
  }

  private Future<ApiReply> ofNode(ApiCall call, AdminUser user) {
    String nodeId = node(call);
    return store
        .list(Optional.of(nodeId))
        .compose(
            held ->
                tunnels
                    .report(nodeId)
                    .map(
                        said ->
                            list(held, states(said), false)
                                .put("nodeId", nodeId)
                                .put("answered", true)
                                .put("client", said.client())
                                .put("server", said.server())
                                .put("problem", said.problem()))
                    // What the hub knows can be told without it.
                    .otherwise(
                        silent ->
                            list(held, Map.of(), false)
                                .put("nodeId", nodeId)
                                .put("answered", false)
                                .put("problem", silent.getMessage())))
        .map(TunnelRoutes::reply);
  }

  private Future<ApiReply> order(ApiCall call, AdminUser user) {
    String nodeId = node(call);
    return call.body()
        .compose(
            body -> {
              Tunnel tunnel = read(body);
              AuditLog.note(call, nodeId, json(tunnel));
              return tunnels.order(nodeId, tunnel, user.name());
            })
        .map(
            made ->
                ApiReply.of(
                    201,
                    new JsonObject()
                        .put("success", true)
                        .put("nodeId", nodeId)
                        .put("tunnel", json(made))));
  }

  private static Tunnel read(JsonBody body) {
    body.only("name", "type", "localHost", "localPort", "remotePort", "domains");
    Tunnel tunnel =
        new Tunnel(
            body.string("name"),
            TunnelType.find(body.string("type")).orElse(null),
            body.optionalString("localHost").orElse("127.0.0.1"),
            (int) body.integer("localPort", 1, 65_535, 0),
            (int) body.integer("remotePort", 1, 65_535, 0),
            body.strings("domains"));
    Tunnel.Fault fault = tunnel.fault();
    if (fault != null) {
      throw ApiErrors.invalid(
          fault.field(), "'" + fault.field() + "' has to be " + fault.expected() + ".");
    }
    return tunnel;
  }

  private Future<ApiReply> cancel(ApiCall call, AdminUser user) {
    String nodeId = call.path("nodeId");
    String name = call.path("name");
    return tunnels
        .cancel(nodeId, name, user.name())
        .map(
            gone -> {
              if (!gone) {
                throw ApiErrors.notFound(
                    "tunnel_not_found",
                    "No tunnel "
                        + name
                        + " to "
                        + nodeId
                        + " was ordered here; those of the node's"
                        + " own settings end there.");
              }
              return reply(new JsonObject().put("nodeId", nodeId).put("name", name));
            });
  }

  private String node(ApiCall call) {
    String id = call.path("nodeId");
    if (fleet.node(id).isEmpty()) {
      throw ApiErrors.notFound("node_not_found", "The fleet knows no node " + id + ".");
    }
    return id;
  }

  private static Map<String, TunnelState> states(TunnelReport said) {
    Map<String, TunnelState> states = new HashMap<>();
    said.tunnels().forEach(one -> states.put(one.tunnel().name(), one));
    return states;
  }

  private static JsonObject list(
      List<Held> held, Map<String, TunnelState> states, boolean withNode) {
    JsonArray list = new JsonArray();
    for (Held one : held) {
      Tunnel tunnel = one.planned().tunnel();
      JsonObject json = json(tunnel).put("orderedBy", one.planned().ordered() ? "hub" : "settings");
      if (withNode) {
        json.put("nodeId", one.nodeId()).put("server", one.server());
      }
      TunnelState state = states.get(tunnel.name());
      if (state != null) {
        json.put("status", state.status())
            .put("remote", state.remote())
            .put("problem", state.problem());
        if (state.bytesIn() >= 0) {
          json.put("bytesIn", state.bytesIn())
              .put("bytesOut", state.bytesOut())
              .put("connections", state.connections());
        }
      }
      list.add(json);
    }
    return new JsonObject().put("tunnels", list).put("total", list.size());
  }

  private static JsonObject json(Tunnel tunnel) {
    JsonObject json =
        new JsonObject()
            .put("name", tunnel.name())
            .put("type", tunnel.type().label())
            .put("localHost", tunnel.localHost())
            .put("localPort", tunnel.localPort());
    if (tunnel.remotePort() > 0) {
      json.put("remotePort", tunnel.remotePort());
    }
    return tunnel.domains().isEmpty() ? json : json.put("domains", new JsonArray(tunnel.domains()));
  }

  private static ApiReply reply(JsonObject body) {
    return ApiReply.ok(new JsonObject().put("success", true).mergeIn(body));
  }
}
