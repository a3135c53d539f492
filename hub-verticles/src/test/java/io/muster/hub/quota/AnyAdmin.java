package io.muster.hub.quota;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiFunction;

/** Takes {@code admin} for an administrator's token, and everybody else for a viewer. */
public final class AnyAdmin implements AdminGuard {
  @Override
  public Future<AdminUser> require(ApiCall call, Role role) {
    String token = call.request().getHeader("authorization");
    Role has = "Bearer admin".equals(token) ? Role.ADMIN : Role.VIEWER;
    return has.includes(role)
        ? Future.succeededFuture(new AdminUser("ada", has))
        : Future.failedFuture(ApiErrors.of(403, "forbidden", "not yours"));
  }

  @Override
  public Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return api.forAll(
        call -> {
          Future<AdminUser> user = require(call, role);
          return user.failed()
              ? Future.failedFuture(user.cause())
              : handler.apply(call, user.result());
        });
  }
}
