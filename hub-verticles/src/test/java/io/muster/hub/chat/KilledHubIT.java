package io.muster.hub.chat;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.storage.ChildProcess;
import io.muster.hub.storage.CommitUntilKilled;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What a hub has acknowledged is there after it was killed, and its sessions can go on. */
class KilledHubIT {
  private static final ChatOptions OPTIONS =
      new ChatOptions(60, 8192, 10_000, null, 16, 20_000, 10_000, 60_000);

  @Test
  void theEmbeddedDatabaseKeepsWhatWasAcknowledged() {
    try (TestDatabase home = TestDatabase.h2()) {
      killAndLook(home, "");
    }
  }

  @Test
  void postgresKeepsWhatWasAcknowledged() {
    try (TestDatabase home = TestDatabase.postgres()) {
      killAndLook(home, home.options().url());
    }
  }

  private static void killAndLook(TestDatabase home, String url) {
    Map<String, Long> acknowledged = new HashMap<>();
    for (int round = 1; round <= 3; round++) {
      try (ChildProcess hub = ChildProcess.start(CommitUntilKilled.class, home.folder(), url)) {
        for (int i = 0; i < 100; i++) {
          note(hub.readLine(), acknowledged);
        }
        hub.kill();
        for (String line = hub.readLine(); line != null; line = hub.readLine()) {
          note(line, acknowledged);
        }
      }
      look(home, acknowledged);
    }
  }

  private static void note(String line, Map<String, Long> acknowledged) {
    assertThat(line).matches("s\\d \\d+");
    acknowledged.merge(line.substring(0, 2), Long.parseLong(line.substring(3)), Math::max);
  }

  private static void look(TestDatabase home, Map<String, Long> acknowledged) {
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    Database database = home.open(vertx);
    ChatService service = new ChatService(vertx, database, "looker", OPTIONS, Clock.systemUTC());
    await(onLoop(vertx, service::start));
    acknowledged.forEach(
        (session, number) -> {
          SessionView view = await(onLoop(vertx, () -> service.find(session))).orElseThrow();
          // At most the one turn more whose acknowledgement was cut off.
          assertThat(view.turnCount()).isBetween(number, number + 1);
          List<SessionView.Turn> turns = view.turns();
          for (int i = 0; i < turns.size(); i++) {
            assertThat(turns.get(i).number()).isEqualTo(i + 1);
            assertThat(turns.get(i).answer()).isEqualTo("answer " + (i + 1));
          }
          // The dead hub's turn holds its session for a lease's length at most.
          OpenTurn next = await(onLoop(vertx, () -> service.open(session, "next", 0)));
          assertThat(next.number()).isEqualTo(view.turnCount() + 1);
          vertx.runOnContext(v -> service.abandon(next));
        });
    await(onLoop(vertx, service::close));
    await(database.close());
    await(vertx.close());
  }

  private static <T> Future<T> onLoop(Vertx vertx, Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }
}
