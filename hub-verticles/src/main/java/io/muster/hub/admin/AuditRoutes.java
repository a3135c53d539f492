package io.muster.hub.admin;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.AuditLog;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/** The audit log, page by page, the newest first. */
final class AuditRoutes implements ApiRoutes {
  private static final int MOST = 1_000;

  private final AuditLog audit;
  private final AdminGuard guard;

  AuditRoutes(AuditLog audit, AdminGuard guard) {
    this.audit = audit;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.get("/api/admin/audit").handler(guard.forAdmins(api, Role.VIEWER, this::list));
  }

  private Future<ApiReply> list(ApiCall call, AdminUser user) {
    int limit = (int) call.query("limit", 1, MOST, 100);
    AuditLog.Wanted wanted =
        new AuditLog.Wanted(
            call.query("before", 1, Long.MAX_VALUE, Long.MAX_VALUE),
            call.query("user").orElse(null),
            call.query("target").orElse(null),
            limit);
    return audit
        .list(wanted)
        .map(
            found -> {
              JsonArray entries = new JsonArray();
              found.forEach(entry -> entries.add(json(entry)));
              JsonObject body = new JsonObject().put("success", true).put("entries", entries);
              // More may be there: with this as 'before' they come.
              if (found.size() == limit) {
                body.put("next", found.get(limit - 1).id());
              }
              return ApiReply.ok(body);
            });
  }

  private static JsonObject json(AuditLog.Entry entry) {
    JsonObject json =
        new JsonObject()
            .put("id", entry.id())
            .put("timestamp", entry.at())
            .put("user", entry.user())
            .put("address", entry.address())
            .put("requestId", entry.requestId())
            .put("action", entry.action())
            .put("target", entry.target())
            .put("outcome", entry.outcome());
    return entry.detail() == null ? json : json.put("detail", entry.detail());
  }
}
