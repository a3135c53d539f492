package io.muster.hub.task;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiFunction;

/** Everybody may administer. */
final class Anybody implements AdminGuard {
  @Override
  public Future<AdminUser> require(ApiCall call, Role role) {
    return Future.succeededFuture(new AdminUser("somebody", role));
  }

  @Override
  public Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return api.forAll(call -> require(call, role).compose(user -> handler.apply(call, user)));
  }
}
