package io.muster.hub.auth;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiFunction;

/** Where there are no users yet: lets nobody pass. */
public final class NoAdmins implements AdminGuard, AdminTokens {
  @Override
  public Future<AdminUser> require(ApiCall call, Role role) {
    return refused();
  }

  @Override
  public Future<AdminUser> check(String token, Role role) {
    return refused();
  }

  @Override
  public Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return api.forAll(call -> require(call, role).compose(user -> handler.apply(call, user)));
  }

  private static Future<AdminUser> refused() {
    return Future.failedFuture(ApiErrors.of(401, "unauthorized", "There are no administrators."));
  }
}
