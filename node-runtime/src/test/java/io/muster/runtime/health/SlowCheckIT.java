package io.muster.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SlowCheckIT {
  private final Vertx vertx = Vertx.vertx();
  private final List<Promise<Finding>> looks = new ArrayList<>();
  private final SlowCheck check =
      new SlowCheck(
          vertx,
          "slow",
          Duration.ofMillis(50),
          Duration.ofMillis(300),
          () -> {
            Promise<Finding> look = Promise.promise();
            looks.add(look);
            return look.future();
          });

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  @Test
  void oneLookServesAllWhoAskAndServesForAMoment() throws Exception {
    Future<Finding> first = onLoop(check::find);
    Future<Finding> second = onLoop(check::find);
    onLoop(
        () -> {
          assertThat(looks).hasSize(1);
          looks.get(0).complete(Finding.healthy("fine"));
          return Future.succeededFuture();
        });
    assertThat(get(first).reason()).isEqualTo("fine");
    assertThat(get(second).reason()).isEqualTo("fine");
    assertThat(get(onLoop(check::find)).reason()).isEqualTo("fine");
    await()
        .atMost(Duration.ofSeconds(5))
        .until(
            () -> {
              onLoop(check::find);
              return looks.size() == 2;
            });
  }

  @Test
  void noAnswerInTimeIsUnhealthyAndNoSecondLookIsBegun() throws Exception {
    assertThat(get(onLoop(check::find))).isEqualTo(Finding.unhealthy("no answer in 0.05 s"));
    assertThat(get(onLoop(check::find)).status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(looks).hasSize(1);
  }

  @Test
  void aFailureKeepsItsDetailsToItself() throws Exception {
    Future<Finding> found = onLoop(check::find);
    onLoop(
        () -> {
          looks.get(0).fail(new IllegalStateException("db.internal:5432"));
          return Future.succeededFuture();
        });
    assertThat(get(found)).isEqualTo(Finding.unhealthy("failed: IllegalStateException"));
  }

  private final io.vertx.core.Context loop = vertx.getOrCreateContext();

  private <T> Future<T> onLoop(Supplier<Future<T>> action) throws Exception {
    Promise<Future<T>> begun = Promise.promise();
    loop.runOnContext(
        v -> {
          try {
            begun.complete(action.get());
          } catch (Throwable e) {
            begun.fail(e);
          }
        });
    return get(begun.future());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }
}
