package io.muster.hub.auth;

import io.muster.hub.auth.Tokens.Token;
import io.muster.hub.auth.Tokens.Use;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;

/** Logging in and out, and one's own password. */
final class AuthRoutes implements ApiRoutes {
  private static final String LOGIN = "login";
  private static final String WRONG = "The user name or the password is wrong.";

  private final Accounts accounts;
  private final Passwords passwords;
  private final Guessing guessing;
  private final Tokens tokens;
  private final Revocations revocations;
  private final AdminAccess access;
  private final Options options;
  private final Future<Void> ready;

  /**
   * @param tokenMs how long a token holds, in milliseconds
   * @param refreshMs how long the one holds that gets a new one
   * @param adminIsSet whether ADMIN_PASSWORD says what the password of admin is
   */
  record Options(long tokenMs, long refreshMs, boolean adminIsSet) {}

  /**
   * @param ready when there is a first user
   */
  AuthRoutes(
      Accounts accounts,
      Passwords passwords,
      Guessing guessing,
      Tokens tokens,
      Revocations revocations,
      AdminAccess access,
      Options options,
      Future<Void> ready) {
    this.accounts = accounts;
    this.passwords = passwords;
    this.guessing = guessing;
    this.tokens = tokens;
    this.revocations = revocations;
    this.access = access;
    this.options = options;
    this.ready = ready;
  }

  @Override
  public void add(Router router, Api api) {
    router.post("/api/admin/auth/login").handler(api.forAll(this::login));
    router.post("/api/admin/auth/refresh").handler(api.forAll(this::refresh));
    router.post("/api/admin/auth/logout").handler(access.forHolders(api, this::logout));
    router.get("/api/admin/auth/me").handler(access.forHolders(api, this::me));
    router.put("/api/admin/auth/password").handler(access.forHolders(api, this::password));
  }

  private Future<ApiReply> login(ApiCall call) {
    return call.body()
        .compose(
            body -> {
              body.only("username", "password");
              String name = body.string("username");
              String password = body.string("password");
              // What was typed there is shown only where it can be a name: it may be a password.
              AuditLog.note(call, Names.isUser(name) ? name : "", null);
              return ready
                  .transform(made -> verified(call, LOGIN, name, password))
                  .compose(account -> accounts.loggedIn(account.name()).map(account))
                  .compose(
                      account ->
                          access
                              .write(call, account.name(), LOGIN, "ok")
                              .map(v -> session(account, tokens.newId())));
            });
  }

  /**
   * The user, when it is their password and nobody is guessing; the same answer, after the same
   * work, where there is no such user.
   */
  private Future<Account> verified(ApiCall call, String action, String name, String password) {
    String address = AuditLog.address(call);
    return guessing
        .begin(name, address)
        .compose(
            waitMs ->
                waitMs > 0
                    ? Future.failedFuture(
                        ApiErrors.later(
                            429,
                            "locked_out",
                            "Too many wrong passwords: try again later.",
                            waitMs))
                    : accounts.find(name))
        .compose(
            found ->
                passwords
                    .matches(
                        password.length() <= Names.LONGEST_PASSWORD ? password : "",
                        found.map(Account::hash).orElse(null))
                    .compose(
                        matches ->
                            matches
                                ? guessing.succeeded(name, address).map(v -> found.orElseThrow())
                                : access
                                    .write(call, "-", action, "wrong_password")
                                    .compose(v -> Future.failedFuture(wrong()))));
  }

  private static RuntimeException wrong() {
    return ApiErrors.of(401, "invalid_credentials", WRONG);
  }

  private ApiReply session(Account account, String session) {
    Token token = tokens.issue(Use.ACCESS, account, session, options.tokenMs());
    Token refresh = tokens.issue(Use.REFRESH, account, session, options.refreshMs());
    return ApiReply.ok(
        new JsonObject()
            .put("success", true)
            .put("token", token.text())
            .put("expiresAt", token.claims().expiresAt())
            .put("refreshToken", refresh.text())
            .put("refreshExpiresAt", refresh.claims().expiresAt())
            .put("user", json(account)));
  }

  /**
   * A refresh token is good once: when two come with it, one of them has stolen it, and since
   * nobody knows which, the session ends for both.
   */
  private Future<ApiReply> refresh(ApiCall call) {
    return call.body()
        .compose(body -> tokens.read(body.only("refreshToken").string("refreshToken"), Use.REFRESH))
        .compose(
            claims ->
                revocations
                    .add(claims.id(), claims.expiresAt())
                    .compose(
                        first ->
                            first
                                ? access.account(claims, claims.session())
                                : endSession(claims)
                                    .compose(v -> Future.failedFuture(Tokens.unauthorized())))
                    .map(account -> session(account, claims.session())));
  }

  private Future<ApiReply> logout(ApiCall call, AdminAccess.Holder holder) {
    return endSession(holder.claims()).map(v -> ApiReply.ok(new JsonObject().put("success", true)));
  }

  /** Ends the token, the one that refreshes it, and whatever else came of the same login. */
  private Future<Boolean> endSession(Tokens.Claims claims) {
    long latest = claims.expiresAt() + Math.max(options.refreshMs(), options.tokenMs()) + 1000;
    return revocations.add(claims.session(), latest);
  }

  private Future<ApiReply> me(ApiCall call, AdminAccess.Holder holder) {
    return Future.succeededFuture(
        ApiReply.ok(
            new JsonObject()
                .put("success", true)
                .put("user", json(holder.account()))
                .put("expiresAt", holder.claims().expiresAt())));
  }

  private Future<ApiReply> password(ApiCall call, AdminAccess.Holder holder) {
    String name = holder.account().name();
    Future<JsonBody> body = call.body();
    AuditLog.note(call, name, null);
    return body.compose(
        given -> {
          given.only("currentPassword", "newPassword");
          String next = Names.password("newPassword", given.string("newPassword"));
          requireChangeable(name);
          return verified(call, "change password", name, given.string("currentPassword"))
              .compose(account -> passwords.hash(next))
              .compose(hash -> accounts.change(name, null, hash))
              .map(changed -> session(changed, tokens.newId()));
        });
  }

  /** The next start would undo it. */
  void requireChangeable(String name) {
    if (options.adminIsSet() && name.equals(Account.ADMIN)) {
      throw ApiErrors.of(
          409, "conflict", "The password of admin is what ADMIN_PASSWORD says: change it there.");
    }
  }

  static JsonObject json(Account account) {
    return new JsonObject().put("username", account.name()).put("role", Names.of(account.role()));
  }
}
