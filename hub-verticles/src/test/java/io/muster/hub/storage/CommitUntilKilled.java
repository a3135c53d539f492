package io.muster.hub.storage;

import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.job.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Path;
import java.time.Clock;
import java.util.UUID;

/**
 * A hub in a process of its own that commits turn after turn, in four sessions at once, and prints
 * a line for each that was acknowledged: session and number. One turn more is always under way.
 */
public final class CommitUntilKilled {
  private CommitUntilKilled() {}

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
                      System.out.println("unavailable: " + e.getMessage());
                      System.exit(1);
                    }));
  }

  private static Future<Void> run(Vertx vertx, Database database) {
    ChatService service =
        new ChatService(
            vertx,
            database,
            "child-" + UUID.randomUUID(),
            // A short lease, so that whoever looks afterwards soon has the sessions.
            new ChatOptions(60, 8192, 10_000, null, 16, 20_000, 1_000, 60_000),
            Clock.systemUTC());
    return service
        .start()
        .compose(
            v ->
                Future.all(
                        commit(service, "s0"),
                        commit(service, "s1"),
                        commit(service, "s2"),
                        commit(service, "s3"))
                    .mapEmpty());
  }

  private static Future<Void> commit(ChatService service, String session) {
    return service
        .open(session, "message", 0)
        .compose(
            turn ->
                service
                    .commit(turn, "answer " + turn.number(), "node", "demo", Usage.NONE)
                    .onSuccess(v -> System.out.println(session + " " + turn.number())))
        .compose(v -> commit(service, session));
  }
}
