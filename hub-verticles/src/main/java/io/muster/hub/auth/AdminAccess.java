package io.muster.hub.auth;

import io.muster.event.Events;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks each token up, so that a logout or a role taken away counts at once on every hub, and
 * writes down what was changed through it.
 */
final class AdminAccess implements AdminGuard, AdminTokens {
  private static final Logger log = LoggerFactory.getLogger(AdminAccess.class);
  private static final String BEARER = "Bearer ";

  private final Tokens tokens;
  private final Accounts accounts;
  private final AuditLog audit;
  private final Events events;
  private final Clock clock;

  AdminAccess(Tokens tokens, Accounts accounts, AuditLog audit, Events events, Clock clock) {
    this.tokens = tokens;
    this.accounts = accounts;
    this.audit = audit;
    this.events = events;
    this.clock = clock;
  }

  /** A token that holds, and whose it is. */
  record Holder(Tokens.Claims claims, Account account) {}

  @Override
  public Future<AdminUser> require(ApiCall call, Role role) {
    return holder(call).compose(holder -> permit(holder.account().user(), role));
  }

  @Override
  public Future<AdminUser> check(String token, Role role) {
    return holder(token, Tokens.Use.ACCESS)
        .compose(holder -> permit(holder.account().user(), role));
  }

  /** Who sends the request, whatever the role. */
  Future<Holder> holder(ApiCall call) {
    String header = call.request().getHeader(HttpHeaders.AUTHORIZATION);
    if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      call.context().response().putHeader("www-authenticate", "Bearer");
      return Future.failedFuture(Tokens.unauthorized());
    }
    return holder(header.substring(BEARER.length()).trim(), Tokens.Use.ACCESS)
        .onFailure(
            cause ->
                call.context()
                    .response()
                    .putHeader("www-authenticate", "Bearer error=\"invalid_token\""));
  }

  /** Whose the token is. */
  Future<Holder> holder(String token, Tokens.Use use) {
    return tokens
        .read(token, use)
        .compose(
            claims ->
                account(claims, claims.id(), claims.session())
                    .map(account -> new Holder(claims, account)));
  }

  /**
   * The user that a token names.
   *
   * @param ended ids that must not have been revoked
   * @return fails with 401 where there is none, or the token is of the time before
   */
  Future<Account> account(Tokens.Claims claims, String... ended) {
    return accounts
        .findUnlessRevoked(claims.user(), ended)
        .compose(
            found ->
                found
                    .filter(account -> account.generation() == claims.generation())
                    .map(Future::succeededFuture)
                    .orElseGet(() -> Future.failedFuture(Tokens.unauthorized())));
  }

  private static Future<AdminUser> permit(AdminUser user, Role role) {
    return user.role().includes(role)
        ? Future.succeededFuture(user)
        : Future.failedFuture(
            ApiErrors.of(
                403,
                "forbidden",
                "This takes the role %s; %s has %s."
                    .formatted(Names.of(role), user.name(), Names.of(user.role()))));
  }

  @Override
  public Handler<RoutingContext> forAdmins(
      Api api, Role role, BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return guarded(
        api,
        call -> holder(call).map(holder -> holder.account().user()),
        (call, user) -> permit(user, role).compose(permitted -> handler.apply(call, permitted)));
  }

  /** A route for whoever has a token. */
  Handler<RoutingContext> forHolders(
      Api api, BiFunction<ApiCall, Holder, Future<ApiReply>> handler) {
    return api.forAll(
        call ->
            whenKnown(
                call,
                holder(call),
                holder ->
                    audited(call, holder.account().user(), () -> handler.apply(call, holder))));
  }

  private Handler<RoutingContext> guarded(
      Api api,
      Function<ApiCall, Future<AdminUser>> who,
      BiFunction<ApiCall, AdminUser, Future<ApiReply>> handler) {
    return api.forAll(
        call ->
            whenKnown(
                call,
                who.apply(call),
                user -> audited(call, user, () -> handler.apply(call, user))));
  }

  /** The body waits while it is looked up who sends it: else it would be gone. */
  private static <T> Future<ApiReply> whenKnown(
      ApiCall call, Future<T> known, Function<T, Future<ApiReply>> then) {
    call.request().pause();
    return known
        .compose(
            who -> {
              Future<ApiReply> reply = then.apply(who);
              call.request().resume();
              return reply;
            })
        .onFailure(cause -> call.request().resume());
  }

  private Future<ApiReply> audited(
      ApiCall call, AdminUser user, Supplier<Future<ApiReply>> action) {
    HttpMethod method = call.request().method();
    if (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD)) {
      return attempt(action);
    }
    String name = method.name() + " " + call.context().currentRoute().getPath();
    return attempt(action)
        .transform(
            done ->
                write(
                        call,
                        user.name(),
                        name,
                        done.succeeded() ? "ok" : ApiErrors.code(done.cause()))
                    .transform(
                        written ->
                            done.succeeded()
                                ? Future.succeededFuture(done.result())
                                : Future.failedFuture(done.cause())));
  }

  /** Stores what was done, and says so to the fleet; never fails what was done. */
  Future<Void> write(ApiCall call, String user, String action, String outcome) {
    AuditLog.Entry entry = AuditLog.entry(call, clock.millis(), user, action, outcome);
    events.emit(
        "admin_action",
        Map.of(
            "user",
            user,
            "action",
            action,
            "target",
            entry.target(),
            "outcome",
            outcome,
            "requestId",
            entry.requestId(),
            "timestamp",
            entry.at()));
    return audit
        .add(entry)
        .onFailure(
            cause ->
                log.error(
                    "not in the audit log: {} of {} on {}: {}",
                    action,
                    user,
                    entry.target(),
                    cause.getMessage()))
        .otherwiseEmpty();
  }

  private static Future<ApiReply> attempt(Supplier<Future<ApiReply>> action) {
    try {
      return action.get();
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }
}
