package io.muster.hub.auth;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiFunction;

/** Lets a request pass that a user with the role sends. */
public interface AdminGuard {
  /**
   * Who sends the request, by its {@code Authorization: Bearer}.
   *
   * @return fails with 401 where the token is missing, forged, over or revoked, with 403 where its
   *     user lacks the role
   */
  Future<AdminUser> require(ApiCall call, Role role);

  /** A route for users with the role; a body is to be read before the handler returns. */
  Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler);
}
