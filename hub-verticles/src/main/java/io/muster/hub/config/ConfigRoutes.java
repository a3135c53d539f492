package io.muster.hub.config;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.config.ConfigSync.NodeStanding;
import io.muster.hub.config.ConfigVersion.Kind;
import io.muster.hub.config.ConfigVersion.Target;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.muster.runtime.settings.LiveSettings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The configuration of nodes: set for a target, and shown with where each node stands. */
final class ConfigRoutes implements ApiRoutes {
  private static final String CONFIG = "/api/admin/config";
  private static final int LONGEST_NAME = 400;

  private final ConfigSync sync;
  private final AdminGuard guard;

  ConfigRoutes(ConfigSync sync, AdminGuard guard) {
    this.sync = sync;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(CONFIG).handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> show()));
    router.put(CONFIG).handler(guard.forAdmins(api, Role.ADMIN, this::put));
  }

  private Future<ApiReply> show() {
    return sync.load()
        .map(
            v -> {
              JsonArray targets = new JsonArray();
              sync.current().forEach(version -> targets.add(json(version)));
              return ApiReply.ok(
                  new JsonObject()
                      .put("success", true)
                      .put("settings", new JsonArray(LiveSettings.names()))
                      .put("targets", targets)
                      .put("nodes", nodes(sync.standings(Target.ALL))));
            });
  }

  private Future<ApiReply> put(ApiCall call, AdminUser user) {
    return call.body()
        .compose(
            body -> {
              body.only("target", "values");
              Target target = target(body);
              Map<String, String> values = values(body);
              JsonObject shown = new JsonObject();
              // Masked where a person put a secret into what is no secret: it is refused, too.
              values.keySet().forEach(name -> shown.put(name, "…"));
              AuditLog.note(call, text(target), new JsonObject().put("settings", shown));
              refuseWrong(values);
              values.forEach(shown::put);
              return sync.put(target, values, user.name());
            })
        .map(
            version ->
                ApiReply.ok(
                    new JsonObject()
                        .put("success", true)
                        .mergeIn(json(version))
                        .put("nodes", nodes(sync.standings(version.target())))));
  }

  private static Target target(JsonBody body) {
    JsonBody target =
        body.object("target")
            .orElseThrow(
                () ->
                    ApiErrors.invalid(
                        "target",
                        "'target' is missing: {\"all\": true}, {\"tag\": \"…\"} or"
                            + " {\"nodeId\": \"…\"}."));
    target.only("all", "tag", "nodeId");
    boolean all = target.bool("all", false);
    String tag = target.optionalString("tag").orElse("");
    String nodeId = target.optionalString("nodeId").orElse("");
    if ((all ? 1 : 0) + (tag.isEmpty() ? 0 : 1) + (nodeId.isEmpty() ? 0 : 1) != 1
        || Math.max(tag.length(), nodeId.length()) > LONGEST_NAME) {
      throw ApiErrors.invalid(
          "target",
          "'target' has to be one of {\"all\": true}, {\"tag\": \"…\"} and {\"nodeId\": \"…\"}.");
    }
    return all
        ? Target.ALL
        : tag.isEmpty() ? new Target(Kind.NODE, nodeId) : new Target(Kind.TAG, tag);
  }

  private static Map<String, String> values(JsonBody body) {
    JsonBody given =
        body.object("values")
            .orElseThrow(
                () ->
                    ApiErrors.invalid(
                        "values",
                        "'values' is missing: an object of settings; an empty one takes back what"
                            + " was set for the target."));
    Map<String, String> values = new TreeMap<>();
    given
        .tree()
        .fields()
        .forEachRemaining(
            field -> values.put(field.getKey(), scalar(field.getKey(), field.getValue())));
    return values;
  }

  private static String scalar(String name, JsonNode value) {
    if (value.isArray()) {
      StringBuilder texts = new StringBuilder();
      value.forEach(one -> texts.append(texts.length() == 0 ? "" : ",").append(scalar(name, one)));
      return texts.toString();
    }
    if (!value.isValueNode() || value.isNull()) {
      throw ApiErrors.invalid(
          "values." + name, "'values." + name + "' has to be a string, a number or a boolean.");
    }
    return value.asText();
  }

  private static void refuseWrong(Map<String, String> values) {
    LiveSettings.problems(values)
        .forEach(
            (name, problem) -> {
              throw ApiErrors.invalid("values." + name, problem + ".");
            });
  }

  private static String text(Target target) {
    return target.kind() == Kind.ALL
        ? "all"
        : target.kind().name().toLowerCase(Locale.ROOT) + " " + target.name();
  }

  private static JsonObject json(ConfigVersion version) {
    Target target = version.target();
    JsonObject values = new JsonObject();
    version.values().forEach(values::put);
    return new JsonObject()
        .put("version", version.version())
        .put(
            "target",
            switch (target.kind()) {
              case ALL -> new JsonObject().put("all", true);
              case TAG -> new JsonObject().put("tag", target.name());
              case NODE -> new JsonObject().put("nodeId", target.name());
            })
        .put("values", values)
        .put("createdBy", version.by())
        .put("createdAt", version.at());
  }

  private static JsonArray nodes(List<NodeStanding> standings) {
    JsonArray nodes = new JsonArray();
    for (NodeStanding node : standings) {
      JsonObject values = new JsonObject();
      node.effective().values().forEach(values::put);
      JsonObject json =
          new JsonObject()
              .put("nodeId", node.nodeId())
              .put("online", node.up())
              .put("state", node.standing().name().toLowerCase(Locale.ROOT))
              .put("wanted", node.wanted())
              .put("applied", node.applied().version())
              .put("values", values);
      nodes.add(node.reason() == null ? json : json.put("reason", node.reason()));
    }
    return nodes;
  }
}
