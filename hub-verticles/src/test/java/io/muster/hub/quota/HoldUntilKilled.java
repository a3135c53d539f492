package io.muster.hub.quota;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.DatabaseOptions;
import io.muster.node.NodeType;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;

/**
 * A hub in a process of its own whose node always wants streams, and uses two tokens with each; it
 * prints a line for each that it was given, and for each that has ended.
 */
final class HoldUntilKilled {
  static final Principal NODE = Principal.node("busy");
  static final Limits LIMITS = new Limits(Limits.NONE, 1_000_000, 3, 1);
  static final Demand DEMAND = new Demand(10, true);
  static final long LEASE_MS = 2_000;

  private HoldUntilKilled() {}

  /**
   * @param args the data folder, and PostgreSQL's URL or nothing
   */
  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    DatabaseOptions options = new DatabaseOptions(Path.of(args[0]), args[1], 4, 5_000, 5_000);
    vertx.runOnContext(
        v ->
            Database.open(vertx, options)
                .compose(database -> run(vertx, database))
                .onFailure(
                    e -> {
                      System.out.println("failed: " + e);
                      System.exit(1);
                    }));
  }

  static Quotas quotas(Vertx vertx, Database database) {
    return new Quotas(
        vertx,
        database,
        "hub-" + UUID.randomUUID(),
        new Quotas.Options(LIMITS, Limits.UNLIMITED, 1_000, LEASE_MS),
        Quotas.Nodes.of(node -> NodeType.WORKER, node -> Set.of()),
        (type, data) -> {},
        System::nanoTime);
  }

  private static Future<Void> run(Vertx vertx, Database database) {
    Quotas quotas = quotas(vertx, database);
    return quotas
        .start()
        .compose(
            v ->
                Future.all(
                        go(vertx, quotas), go(vertx, quotas), go(vertx, quotas), go(vertx, quotas))
                    .mapEmpty());
  }

  private static Future<Void> go(Vertx vertx, Quotas quotas) {
    return quotas
        .reserve(NODE, LIMITS, DEMAND, "r")
        .compose(
            hold -> {
              System.out.println("held");
              return pause(vertx, 5)
                  .onSuccess(
                      v -> {
                        System.out.println("ended");
                        hold.settle(2);
                      });
            })
        .recover(
            cause -> cause instanceof QuotaExceeded ? pause(vertx, 2) : Future.failedFuture(cause))
        .compose(v -> go(vertx, quotas));
  }

  private static Future<Void> pause(Vertx vertx, long ms) {
    Promise<Void> promise = Promise.promise();
    vertx.setTimer(ms, id -> promise.complete());
    return promise.future();
  }
}
