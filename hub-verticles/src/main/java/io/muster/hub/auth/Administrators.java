package io.muster.hub.auth;

import io.muster.hub.events.Events;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Users, tokens and the audit log, put together. */
public final class Administrators {
  private static final long FORGET_EVERY_MS = 3_600_000;

  private final Vertx vertx;
  private final AdminAccess access;
  private final AuditLog audit;
  private final List<ApiRoutes> routes;
  private final long timer;

  /**
   * @param password ADMIN_PASSWORD
   * @param secret JWT_SECRET
   * @param tokenMs how long a token holds, in milliseconds
   * @param refreshMs how long the one holds that gets a new one
   * @param loginFailures that lock out
   * @param lockoutMs for how long
   * @param auditDays how long the audit log is kept
   * @param folder for a first password that no terminal can show
   */
  public record Options(
      Optional<String> password,
      Optional<String> secret,
      long tokenMs,
      long refreshMs,
      int loginFailures,
      long lockoutMs,
      int auditDays,
      Path folder) {}

  private Administrators(
      Vertx vertx, Database database, Options options, String secret, Events events, Clock clock) {
    this.vertx = vertx;
    Tokens tokens = new Tokens(vertx, secret, clock);
    Accounts accounts = new Accounts(database, clock);
    Passwords passwords = new Passwords(vertx);
    audit = new AuditLog(database);
    access = new AdminAccess(tokens, accounts, audit, events, clock);
    AuthRoutes auth =
        new AuthRoutes(
            accounts,
            passwords,
            new Guessing(database, clock, options.loginFailures(), options.lockoutMs()),
            tokens,
            new Revocations(database, clock),
            access,
            new AuthRoutes.Options(
                options.tokenMs(), options.refreshMs(), options.password().isPresent()));
    routes = List.of(auth, new UserRoutes(accounts, passwords, access, auth::requireChangeable));
    long keptMs = Duration.ofDays(options.auditDays()).toMillis();
    timer =
        vertx.setPeriodic(
            1_000, FORGET_EVERY_MS, id -> audit.forget(clock.millis() - keptMs).otherwise(0));
  }

  /** Makes the first user where there is none, and the secret. */
  public static Future<Administrators> start(
      Vertx vertx, Database database, Options options, Events events, Clock clock) {
    return start(vertx, database, options, events, clock, System.out, FirstAdmin.hasTerminal());
  }

  static Future<Administrators> start(
      Vertx vertx,
      Database database,
      Options options,
      Events events,
      Clock clock,
      PrintStream console,
      boolean isTerminal) {
    FirstAdmin first =
        new FirstAdmin(
            vertx,
            new Accounts(database, clock),
            new Passwords(vertx),
            options.folder(),
            console,
            isTerminal);
    return first
        .ensure(options.password())
        .compose(
            v ->
                options
                    .secret()
                    .map(Future::succeededFuture)
                    .orElseGet(() -> Tokens.storedSecret(database)))
        .map(secret -> new Administrators(vertx, database, options, secret, events, clock));
  }

  /** For the routes of every feature. */
  public AdminGuard guard() {
    return access;
  }

  /** For what is not a request with a header. */
  public AdminTokens tokens() {
    return access;
  }

  public AuditLog audit() {
    return audit;
  }

  public List<ApiRoutes> routes() {
    return routes;
  }

  public void close() {
    vertx.cancelTimer(timer);
  }
}
