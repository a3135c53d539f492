package io.muster.hub.events;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminTokens;
import io.muster.hub.auth.AdminUser;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiFunction;

/** Two users, whose tokens are their roles' names. */
public final class TestGuard implements AdminGuard, AdminTokens {
  public static final String VIEWER = "viewer-token";
  public static final String ADMIN = "admin-token";

  private volatile boolean revoked;

  /** From now on no token holds. */
  public void revoke() {
    revoked = true;
  }

  @Override
  public Future<AdminUser> require(ApiCall call, Role role) {
    String header = call.request().getHeader("authorization");
    return check(header == null ? "" : header.replace("Bearer ", ""), role);
  }

  /** Not at once, as with a database. */
  @Override
  public Future<AdminUser> check(String token, Role role) {
    Promise<AdminUser> later = Promise.promise();
    Vertx.currentContext().owner().setTimer(20, id -> decide(token, role).onComplete(later));
    return later.future();
  }

  private Future<AdminUser> decide(String token, Role role) {
    Role has =
        revoked
            ? null
            : token.equals(ADMIN) ? Role.ADMIN : token.equals(VIEWER) ? Role.VIEWER : null;
    if (has == null) {
      return Future.failedFuture(ApiErrors.of(401, "unauthorized", "The token is not valid."));
    }
    if (!has.includes(role)) {
      return Future.failedFuture(ApiErrors.of(403, "forbidden", "That takes the role " + role));
    }
    return Future.succeededFuture(new AdminUser(has.name(), has));
  }

  @Override
  public Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return api.forAll(
        call -> {
          call.request().pause();
          return require(call, role)
              .compose(
                  user -> {
                    Future<ApiReply> reply = handler.apply(call, user);
                    call.request().resume();
                    return reply;
                  })
              .onFailure(cause -> call.request().resume());
        });
  }
}
