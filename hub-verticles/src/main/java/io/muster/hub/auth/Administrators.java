package io.muster.hub.auth;

import io.muster.event.Events;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Users, tokens and the audit log, put together. */
public final class Administrators {
  private static final Logger log = LoggerFactory.getLogger(Administrators.class);
  private static final long FORGET_EVERY_MS = 3_600_000;

  private final Vertx vertx;
  private final AdminAccess access;
  private final AuditLog audit;
  private final List<ApiRoutes> routes;
  private final Future<Void> ready;
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
      Vertx vertx,
      Database database,
      Options options,
      Tokens tokens,
      Future<Void> ready,
      Events events,
      Clock clock) {
    this.vertx = vertx;
    this.ready = ready;
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
                options.tokenMs(), options.refreshMs(), options.password().isPresent()),
            ready);
    routes = List.of(auth, new UserRoutes(accounts, passwords, access, auth::requireChangeable));
    long keptMs = Duration.ofDays(options.auditDays()).toMillis();
    timer =
        vertx.setPeriodic(
            1_000, FORGET_EVERY_MS, id -> audit.forget(clock.millis() - keptMs).otherwise(0));
  }

  /** Makes the secret where there is none, and begins to make the first user. */
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
    return options
        .secret()
        .map(Future::succeededFuture)
        .orElseGet(() -> Tokens.storedSecret(database))
        // Not on the event loop: loading what signs takes a while.
        .compose(secret -> vertx.executeBlocking(() -> new Tokens(vertx, secret, clock), false))
        .map(
            tokens ->
                new Administrators(
                    vertx,
                    database,
                    options,
                    tokens,
                    // Hashing takes a while: whoever logs in waits for it, the hub's start not.
                    first
                        .ensure(options.password())
                        .onFailure(
                            cause ->
                                log.error(
                                    "the first password could not be kept or shown: set"
                                        + " ADMIN_PASSWORD and start the hub again ({})",
                                    cause.toString())),
                    events,
                    clock));
  }

  /** When there is a user to log in as. */
  Future<Void> ready() {
    return ready;
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
