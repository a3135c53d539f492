package io.muster.hub.auth;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.function.Consumer;

/** The users: listed, made, changed and removed by admins. */
final class UserRoutes implements ApiRoutes {
  private static final String USERS = "/api/admin/users";
  private static final String USER = USERS + "/:name";

  private final Accounts accounts;
  private final Passwords passwords;
  private final AdminGuard guard;
  private final Consumer<String> requireChangeable;

  /**
   * @param requireChangeable throws for a user whose password cannot be changed here
   */
  UserRoutes(
      Accounts accounts,
      Passwords passwords,
      AdminGuard guard,
      Consumer<String> requireChangeable) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.guard = guard;
    this.requireChangeable = requireChangeable;
  }

  @Override
  public void add(Router router, Api api) {
    router.get(USERS).handler(guard.forAdmins(api, Role.ADMIN, (call, user) -> list()));
    router.post(USERS).handler(guard.forAdmins(api, Role.ADMIN, this::create));
    router.put(USER).handler(guard.forAdmins(api, Role.ADMIN, this::change));
    router.delete(USER).handler(guard.forAdmins(api, Role.ADMIN, this::remove));
  }

  private Future<ApiReply> list() {
    return accounts
        .list()
        .map(
            all -> {
              JsonArray users = new JsonArray();
              all.forEach(account -> users.add(whole(account)));
              return ApiReply.ok(
                  new JsonObject()
                      .put("success", true)
                      .put("users", users)
                      .put("total", users.size()));
            });
  }

  private Future<ApiReply> create(ApiCall call, AdminUser by) {
    return call.body()
        .compose(
            body -> {
              body.only("username", "password", "role");
              String name = Names.user("username", body.string("username"));
              String password = Names.password("password", body.string("password"));
              Role role = Names.role("role", body.string("role"));
              AuditLog.note(call, name, new JsonObject().put("role", Names.of(role)));
              return passwords
                  .hash(password)
                  .compose(hash -> accounts.add(name, role, hash))
                  .compose(added -> added ? accounts.find(name) : Future.failedFuture(taken(name)))
                  .map(account -> reply(201, account.orElseThrow()));
            });
  }

  private static RuntimeException taken(String name) {
    return ApiErrors.of(409, "user_exists", "There is a user " + name + " already.");
  }

  private Future<ApiReply> change(ApiCall call, AdminUser by) {
    String name = call.path("name");
    return call.body()
        .compose(
            body -> {
              body.only("password", "role");
              Role role =
                  body.optionalString("role").map(text -> Names.role("role", text)).orElse(null);
              String password =
                  body.optionalString("password")
                      .map(text -> Names.password("password", text))
                      .orElse(null);
              AuditLog.note(
                  call,
                  name,
                  new JsonObject()
                      .put("role", role == null ? null : Names.of(role))
                      .put("password", password == null ? "the same" : "changed"));
              if (password != null) {
                requireChangeable.accept(name);
              }
              Future<String> hash =
                  password == null ? Future.succeededFuture() : passwords.hash(password);
              return hash.compose(hashed -> accounts.change(name, role, hashed))
                  .map(account -> reply(200, account));
            });
  }

  private Future<ApiReply> remove(ApiCall call, AdminUser by) {
    String name = call.path("name");
    if (name.equals(by.name())) {
      return Future.failedFuture(
          ApiErrors.of(409, "conflict", "Nobody can remove themselves: let another admin do it."));
    }
    return accounts
        .remove(name)
        .map(v -> ApiReply.ok(new JsonObject().put("success", true).put("username", name)));
  }

  private static ApiReply reply(int status, Account account) {
    return ApiReply.of(status, new JsonObject().put("success", true).put("user", whole(account)));
  }

  private static JsonObject whole(Account account) {
    return AuthRoutes.json(account)
        .put("createdAt", account.createdAt())
        .put("lastLogin", account.lastLogin() == 0 ? null : account.lastLogin());
  }
}
