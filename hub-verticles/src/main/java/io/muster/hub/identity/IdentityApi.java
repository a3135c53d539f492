package io.muster.hub.identity;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.muster.identity.PublicNodeKey;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Join tokens, and what admins do about nodes' keys, over HTTP. */
public final class IdentityApi implements ApiRoutes {
  private static final Logger log = LoggerFactory.getLogger(IdentityApi.class);
  private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final long MIN_TTL_MS = 1_000;
  private static final long MAX_TTL_MS = 365L * 24 * 3_600_000;
  private static final int MAX_NOTE = 200;

  private final Identities identities;
  private final AdminGuard guard;
  private final long tokenTtlMs;
  private final String fleetKey;
  private final BiConsumer<String, Map<String, Object>> events;

  /**
   * @param tokenTtlMs how long a token lasts that says nothing of it
   * @param fleetKey what a node that joins can be given beforehand, to know the fleet's hubs by
   * @param events is told what happened, by its type
   */
  public IdentityApi(
      Identities identities,
      AdminGuard guard,
      long tokenTtlMs,
      String fleetKey,
      BiConsumer<String, Map<String, Object>> events) {
    this.identities = identities;
    this.guard = guard;
    this.tokenTtlMs = tokenTtlMs;
    this.fleetKey = fleetKey;
    this.events = events;
  }

  @Override
  public void add(Router router, Api api) {
    router
        .post("/api/admin/join-tokens")
        .handler(guard.forAdmins(api, Role.ADMIN, this::createToken));
    router
        .get("/api/admin/join-tokens")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> tokens()));
    router
        .delete("/api/admin/join-tokens/:id")
        .handler(guard.forAdmins(api, Role.ADMIN, (call, user) -> deleteToken(call)));
    router
        .get("/api/admin/identities")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> list()));
    router
        .post("/api/admin/nodes/:nodeId/revoke")
        .handler(
            guard.forAdmins(
                api,
                Role.ADMIN,
                (call, user) -> change(call, user, "node_revoked", identities::revoke)));
    router
        .post("/api/admin/nodes/:nodeId/readmit")
        .handler(
            guard.forAdmins(
                api,
                Role.ADMIN,
                (call, user) -> change(call, user, "node_readmitted", identities::readmit)));
    router
        .post("/api/admin/nodes/:nodeId/rekey")
        .handler(
            guard.forAdmins(
                api,
                Role.ADMIN,
                (call, user) -> change(call, user, "node_rekey_allowed", identities::rekey)));
  }

  private Future<ApiReply> createToken(ApiCall call, AdminUser user) {
    return call.bodyOrEmpty().compose(body -> createToken(body, user));
  }

  private Future<ApiReply> createToken(JsonBody body, AdminUser user) {
    body.only("ttl_ms", "note", "nodeId");
    long ttl = body.integer("ttl_ms", MIN_TTL_MS, MAX_TTL_MS, tokenTtlMs);
    String note = body.optionalString("note").orElse(null);
    if (note != null && note.length() > MAX_NOTE) {
      throw ApiErrors.invalid("note", "'note' has to have " + MAX_NOTE + " characters at most.");
    }
    String nodeId = body.optionalString("nodeId").orElse(null);
    if (nodeId != null && !NODE_ID.matcher(nodeId).matches()) {
      throw ApiErrors.invalid(
          "nodeId", "'nodeId' has to be 1 to 64 letters, digits, '.', '_' or '-'.");
    }
    return identities
        .createToken(ttl, note, nodeId, user.name())
        .map(
            made -> {
              log.info("{} made the join token {}", user.name(), made.token().id());
              return ApiReply.of(
                  201, json(made.token()).put("token", made.text()).put("fleetKey", fleetKey));
            });
  }

  private Future<ApiReply> tokens() {
    return identities
        .tokens()
        .map(
            tokens -> {
              JsonArray all = new JsonArray();
              tokens.forEach(token -> all.add(json(token)));
              return ApiReply.ok(new JsonObject().put("success", true).put("tokens", all));
            });
  }

  private Future<ApiReply> deleteToken(ApiCall call) {
    return identities
        .deleteToken(call.path("id"))
        .map(
            found -> {
              if (!found) {
                throw ApiErrors.notFound("token_not_found", "There is no such join token.");
              }
              return ApiReply.none();
            });
  }

  private Future<ApiReply> list() {
    return identities
        .list()
        .map(
            all -> {
              JsonArray nodes = new JsonArray();
              all.forEach(identity -> nodes.add(json(identity)));
              return ApiReply.ok(new JsonObject().put("success", true).put("identities", nodes));
            });
  }

  private Future<ApiReply> change(
      ApiCall call, AdminUser user, String event, Function<String, Future<Boolean>> change) {
    String nodeId = call.path("nodeId");
    return change
        .apply(nodeId)
        .compose(
            found -> {
              if (!found) {
                throw ApiErrors.notFound(
                    "node_not_found", "No node " + nodeId + " was ever admitted.");
              }
              log.info("{}: {} by {}", event, nodeId, user.name());
              events.accept(event, Map.of("nodeId", nodeId, "by", user.name()));
              return identities.find(nodeId);
            })
        .map(
            identity ->
                ApiReply.ok(
                    new JsonObject()
                        .put("success", true)
                        .put("identity", identity.map(IdentityApi::json).orElse(null))));
  }

  private static JsonObject json(JoinToken token) {
    return new JsonObject()
        .put("id", token.id())
        .put("note", token.note())
        .put("nodeId", token.nodeId())
        .put("createdBy", token.createdBy())
        .put("createdAt", time(token.createdAt()))
        .put("expiresAt", time(token.expiresAt()))
        .put("usedAt", token.usedAt() == null ? null : time(token.usedAt()))
        .put("usedBy", token.usedBy());
  }

  private static JsonObject json(NodeIdentity identity) {
    return new JsonObject()
        .put("nodeId", identity.nodeId())
        .put("admittedBy", identity.admittedBy().label())
        .put("algorithm", identity.algorithm())
        .put("publicKey", identity.publicKey())
        .put(
            "fingerprint",
            identity.publicKey() == null ? null : PublicNodeKey.fingerprint(identity.publicKey()))
        .put("createdAt", time(identity.createdAt()))
        .put("keySince", time(identity.keySince()))
        .put("rekeyUntil", identity.rekeyUntil() == 0 ? null : time(identity.rekeyUntil()))
        .put("revokedAt", identity.revokedAt() == null ? null : time(identity.revokedAt()));
  }

  private static String time(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }
}
