package io.muster.hub.quota;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.muster.hub.quota.Rule.Scope;
import io.muster.node.NodeType;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;

/** The quotas' administration: limits by type, tag, node and API key, and what was used. */
public final class QuotaApi implements ApiRoutes {
  private static final int MOST_USES = 1000;
  private static final int LONGEST_NAME = 400;
  private static final String REQUESTS = "maxRequestsPerMinute";
  private static final String TOKENS = "maxTokensPerDay";
  private static final String STREAMS = "maxConcurrentStreams";
  private static final String BURST = "burstMultiplier";

  private final Quotas quotas;
  private final AdminGuard guard;
  private final Runnable tellHubs;
  private final BiConsumer<String, Map<String, Object>> emit;
  private final Clock clock;

  /**
   * @param tellHubs says to all other hubs that the rules have changed
   * @param emit an event of a type with its data
   */
  public QuotaApi(
      Quotas quotas,
      AdminGuard guard,
      Runnable tellHubs,
      BiConsumer<String, Map<String, Object>> emit,
      Clock clock) {
    this.quotas = quotas;
    this.guard = guard;
    this.tellHubs = tellHubs;
    this.emit = emit;
    this.clock = clock;
  }

  @Override
  public void add(Router table, Api api) {
    String one = "/api/admin/quotas/:scope/:name";
    table.get("/api/admin/quotas").handler(guard.forAdmins(api, Role.VIEWER, this::list));
    table.get("/api/admin/quotas/usage").handler(guard.forAdmins(api, Role.VIEWER, this::usage));
    table.get(one).handler(guard.forAdmins(api, Role.VIEWER, this::show));
    table.put(one).handler(guard.forAdmins(api, Role.ADMIN, this::put));
    table.delete(one).handler(guard.forAdmins(api, Role.ADMIN, this::delete));
  }

  private Future<ApiReply> list(ApiCall call, AdminUser user) {
    Rules rules = quotas.rules();
    JsonArray all = new JsonArray();
    rules.all().forEach(rule -> all.add(json(rule)));
    return ok(
        new JsonObject()
            .put("success", true)
            .put(
                "defaults",
                new JsonObject().put("node", json(rules.nodes())).put("key", json(rules.keys())))
            .put("overrides", all));
  }

  private Future<ApiReply> show(ApiCall call, AdminUser user) {
    Scope scope = scope(call);
    String name = name(call, scope);
    JsonObject reply = new JsonObject().put("success", true);
    quotas.rules().all().stream()
        .filter(rule -> rule.scope() == scope && rule.name().equals(name))
        .findFirst()
        .ifPresent(rule -> reply.put("override", json(rule)));
    if (scope == Scope.NODE || scope == Scope.KEY) {
      Principal principal = scope == Scope.NODE ? Principal.node(name) : Principal.key(name);
      reply.put("effective", json(quotas.limits(principal)));
    } else if (!reply.containsKey("override")) {
      throw unknown(scope, name);
    }
    return ok(reply);
  }

  private Future<ApiReply> put(ApiCall call, AdminUser user) {
    Scope scope = scope(call);
    String name = name(call, scope);
    return call.body()
        .map(body -> rule(scope, name, body, user))
        .compose(
            rule ->
                quotas
                    .put(rule)
                    .map(
                        v -> {
                          AuditLog.note(call, target(scope, name), json(rule));
                          changed(rule.scope(), rule.name(), user, false);
                          return ApiReply.ok(
                              new JsonObject().put("success", true).put("override", json(rule)));
                        }));
  }

  private Rule rule(Scope scope, String name, JsonBody body, AdminUser user) {
    body.only(REQUESTS, TOKENS, STREAMS, BURST);
    Rule rule =
        new Rule(
            scope,
            name,
            number(body, REQUESTS, Integer.MAX_VALUE),
            number(body, TOKENS, 1L << 50),
            number(body, STREAMS, Integer.MAX_VALUE),
            body.has(BURST) ? (int) body.integer(BURST, 1, Limits.MAX_BURST, 1) : null,
            clock.millis(),
            user.name());
    if (rule.requestsPerMinute() == null
        && rule.tokensPerDay() == null
        && rule.streams() == null
        && rule.burst() == null) {
      throw ApiErrors.invalid(
          null,
          "Nothing is set: give at least one of %s, %s, %s, %s; DELETE removes an override."
              .formatted(REQUESTS, TOKENS, STREAMS, BURST));
    }
    return rule;
  }

  private static Long number(JsonBody body, String field, long most) {
    return body.has(field) ? body.integer(field, Limits.NONE, most, Limits.NONE) : null;
  }

  private Future<ApiReply> delete(ApiCall call, AdminUser user) {
    Scope scope = scope(call);
    String name = name(call, scope);
    return quotas
        .delete(scope, name)
        .map(
            deleted -> {
              if (!deleted) {
                throw unknown(scope, name);
              }
              AuditLog.note(call, target(scope, name), new JsonObject());
              changed(scope, name, user, true);
              return ApiReply.ok(new JsonObject().put("success", true));
            });
  }

  private void changed(Scope scope, String name, AdminUser user, boolean deleted) {
    tellHubs.run();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("scope", scope.label());
    data.put("name", name);
    data.put("deleted", deleted);
    data.put("changedBy", user.name());
    emit.accept("quota_changed", data);
  }

  private Future<ApiReply> usage(ApiCall call, AdminUser user) {
    return quotas
        .uses(MOST_USES)
        .map(
            uses -> {
              JsonArray all = new JsonArray();
              uses.forEach(use -> all.add(json(use)));
              return ApiReply.ok(new JsonObject().put("success", true).put("usage", all));
            });
  }

  private JsonObject json(QuotaStore.Use use) {
    Limits limits = quotas.limits(use.principal());
    Quota quota = use.quota();
    return new JsonObject()
        .put("kind", use.principal().kind().label())
        .put("name", use.principal().name())
        .put("limits", json(limits))
        .put("requestsInWindow", quota.requests().count(quota.nowMs(), limits.windowMs()))
        .put("windowMs", limits.windowMs())
        .put("tokensToday", quota.tokens())
        .put("tokensReserved", quota.heldTokens())
        .put("streams", quota.heldStreams())
        .put("dayEndsInMs", quota.dayEndsMs());
  }

  private static JsonObject json(Limits limits) {
    return new JsonObject()
        .put(REQUESTS, limits.requestsPerMinute())
        .put(TOKENS, limits.tokensPerDay())
        .put(STREAMS, limits.streams())
        .put(BURST, limits.burst());
  }

  private static JsonObject json(Rule rule) {
    JsonObject json = new JsonObject().put("scope", rule.scope().label()).put("name", rule.name());
    if (rule.requestsPerMinute() != null) {
      json.put(REQUESTS, rule.requestsPerMinute());
    }
    if (rule.tokensPerDay() != null) {
      json.put(TOKENS, rule.tokensPerDay());
    }
    if (rule.streams() != null) {
      json.put(STREAMS, rule.streams());
    }
    if (rule.burst() != null) {
      json.put(BURST, rule.burst());
    }
    return json.put("changedAt", rule.changedAt()).put("changedBy", rule.changedBy());
  }

  private static String target(Scope scope, String name) {
    return "quota/" + scope.label() + "/" + name;
  }

  private static Scope scope(ApiCall call) {
    String label = call.path("scope");
    return Scope.of(label)
        .orElseThrow(
            () ->
                ApiErrors.invalid(
                    "scope",
                    "'%s' is no scope: it has to be one of %s."
                        .formatted(
                            label,
                            String.join(
                                ", ", Arrays.stream(Scope.values()).map(Scope::label).toList()))));
  }

  private static String name(ApiCall call, Scope scope) {
    String name = call.path("name");
    if (name.isBlank() || name.length() > LONGEST_NAME) {
      throw ApiErrors.invalid("name", "A name has 1 to " + LONGEST_NAME + " characters.");
    }
    if (scope == Scope.TYPE) {
      List<String> types =
          Arrays.stream(NodeType.values()).map(t -> t.name().toLowerCase(Locale.ROOT)).toList();
      if (!types.contains(name)) {
        throw ApiErrors.invalid(
            "name",
            "'%s' is no type of nodes: it has to be one of %s."
                .formatted(name, String.join(", ", types)));
      }
    }
    return name;
  }

  private static RuntimeException unknown(Scope scope, String name) {
    return ApiErrors.notFound(
        "quota_not_found", "There is no override for %s '%s'.".formatted(scope.label(), name));
  }

  private static Future<ApiReply> ok(JsonObject body) {
    return Future.succeededFuture(ApiReply.ok(body));
  }
}
