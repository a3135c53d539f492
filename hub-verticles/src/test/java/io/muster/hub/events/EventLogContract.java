package io.muster.hub.events;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.event.ClusterEvent;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log of events promises, whatever the database. */
abstract class EventLogContract {
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private TestDatabase home;
  private Database database;
  private EventLog log;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
    log =
        new EventLog(
            database,
            new EventLog.Options(5, 5_000, 1_000),
            Clock.fixed(Instant.ofEpochMilli(10_000), ZoneOffset.UTC));
  }

  @AfterEach
  void close() {
    if (database != null) {
      await(database.close());
    }
    await(vertx.close());
    if (home != null) {
      home.close();
    }
  }

  private <T> T onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return await(promise.future());
  }

  private static Told told(String id, long at) {
    return new Told(
        new ClusterEvent(id, "task_created", "Hub-Ä", at, Map.of("taskId", "t \u0000", "n", 5)));
  }

  private List<Told> add(Told... events) {
    return onLoop(
        () -> {
          for (Told each : events) {
            log.add(each);
          }
          return log.since(0, 100);
        });
  }

  @Test
  void keepsEventsOnceAndInTheirOrder() {
    List<Told> kept = add(told("b", 2_000), told("c", 1_000), told("a", 2_000), told("a", 2_000));
    assertThat(kept).extracting(Told::id).containsExactly("c", "a", "b");
    assertThat(kept.get(0).event().data()).containsEntry("n", 5);
    assertThat(kept.get(0).event().source()).isEqualTo("Hub-Ä");
    assertThat(onLoop(() -> log.holds("a"))).isTrue();
    assertThat(onLoop(() -> log.holds("x"))).isFalse();
    assertThat(onLoop(() -> log.since(1_500, 1))).extracting(Told::id).containsExactly("a");
    assertThat(onLoop(() -> log.newest(2))).extracting(Told::id).containsExactly("a", "b");
    assertThat(log.dropped()).isZero();
  }

  @Test
  void forgetsWhatIsTooOldOrTooMuch() {
    for (int i = 0; i < 8; i++) {
      add(told("e" + i, 4_000 + 1_000 * i));
    }
    assertThat(onLoop(log::prune)).isEqualTo(3);
    assertThat(onLoop(() -> log.since(0, 100)))
        .extracting(Told::id)
        .containsExactly("e3", "e4", "e5", "e6", "e7");
    assertThat(add(told("late", 4_999))).extracting(Told::id).contains("late");
    onLoop(log::prune);
    assertThat(onLoop(() -> log.holds("late"))).isFalse();
  }
}
