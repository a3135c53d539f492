package io.muster.hub.quota;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.storage.ChildProcess;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What a killed hub had reserved is free again, and what its requests have used is counted. */
class KilledQuotaHubIT {
  @Test
  void theEmbeddedDatabaseGivesBackWhatAKilledHubHeld() {
    try (TestDatabase home = TestDatabase.h2()) {
      for (int round = 1; round <= 2; round++) {
        long ended;
        try (ChildProcess hub = ChildProcess.start(HoldUntilKilled.class, home.folder(), "")) {
          ended = killAfter(hub, 100);
        }
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        Database database = home.open(vertx);
        Quotas quotas = HoldUntilKilled.quotas(vertx, database);
        await(onLoop(vertx, quotas::start));
        // No other hub can be alive, so nothing is waited for.
        Quota left = look(vertx, quotas);
        assertThat(left.heldStreams()).isZero();
        assertThat(left.heldTokens()).isZero();
        // Lines of before the kill, but for the last ones that were not yet written.
        assertThat(left.tokens()).isGreaterThanOrEqualTo(2 * (ended - 8));
        await(onLoop(vertx, quotas::close));
        await(database.close());
        await(vertx.close());
      }
    }
  }

  @Test
  void otherHubsGetWhatAKilledHubHeldAndNeverMore() {
    try (TestDatabase home = TestDatabase.postgres()) {
      Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
      Database database = home.open(vertx);
      Quotas quotas = HoldUntilKilled.quotas(vertx, database);
      await(onLoop(vertx, quotas::start));
      String url = home.options().url();
      for (int round = 1; round <= 2; round++) {
        try (ChildProcess first = ChildProcess.start(HoldUntilKilled.class, home.folder(), url);
            ChildProcess second = ChildProcess.start(HoldUntilKilled.class, home.folder(), url)) {
          for (int i = 0; i < 60; i++) {
            assertThat(first.readLine()).matches("held|ended");
            assertThat(second.readLine()).matches("held|ended");
            assertThat(look(vertx, quotas).heldStreams()).isBetween(0L, 3L);
          }
          first.kill();
          assertThat(look(vertx, quotas).heldStreams()).isBetween(0L, 3L);
          second.kill();
        }
        Awaitility.await()
            .atMost(Duration.ofMillis(3 * HoldUntilKilled.LEASE_MS))
            .untilAsserted(
                () -> {
                  assertThat(look(vertx, quotas).heldStreams()).isZero();
                  assertThat(look(vertx, quotas).heldTokens()).isZero();
                });
        for (int i = 0; i < 3; i++) {
          Hold hold = await(onLoop(vertx, () -> reserve(quotas)));
          vertx.runOnContext(v -> hold.settle(0));
        }
      }
      await(onLoop(vertx, quotas::close));
      await(database.close());
      await(vertx.close());
    }
  }

  private static long killAfter(ChildProcess hub, int lines) {
    long ended = 0;
    for (int i = 0; i < lines; i++) {
      String line = hub.readLine();
      assertThat(line).matches("held|ended");
      ended += line.equals("ended") ? 1 : 0;
    }
    hub.kill();
    return ended;
  }

  private static Future<Hold> reserve(Quotas quotas) {
    return quotas.reserve(
        HoldUntilKilled.NODE, HoldUntilKilled.LIMITS, HoldUntilKilled.DEMAND, "r");
  }

  private static Quota look(Vertx vertx, Quotas quotas) {
    List<QuotaStore.Use> uses = await(onLoop(vertx, () -> quotas.uses(10)));
    return uses.isEmpty() ? Quota.fresh() : uses.get(0).quota();
  }

  private static <T> Future<T> onLoop(Vertx vertx, Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }
}
