package io.muster.runtime.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LifecycleTest {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final List<Object> done = new CopyOnWriteArrayList<>();
  private final Lifecycle lifecycle =
      new Lifecycle(new PrintStream(err, true, UTF_8), status -> done.add(status));

  @Test
  void stopsTheLastFirstAndExitsWithZero() {
    lifecycle.start(
        life -> {
          life.onStop("cluster", LIMIT, () -> step("cluster"));
          life.onStop("work", LIMIT, () -> step("work"));
          return Future.succeededFuture();
        });

    lifecycle.stop();

    assertThat(done).containsExactly("work", "cluster", 0);
    assertThat(err.toString(UTF_8)).isEmpty();
  }

  @Test
  void aStepThatHangsOrFailsHoldsNothingUp() {
    lifecycle.onStop("last", LIMIT, () -> step("last"));
    lifecycle.onStop(
        "throws",
        LIMIT,
        () -> {
          throw new IllegalStateException("no");
        });
    lifecycle.onStop("fails", LIMIT, () -> Future.failedFuture("no"));
    lifecycle.onStop("hangs", Duration.ofMillis(20), () -> Promise.promise().future());

    lifecycle.stop();

    assertThat(done).containsExactly("last", 0);
  }

  @Test
  void stopsOnce() {
    lifecycle.onStop("once", LIMIT, () -> step("once"));

    lifecycle.stop();
    lifecycle.stop();

    assertThat(done).containsExactly("once", 0);
  }

  @Test
  void saysWhyItDoesNotStartAndStopsWhatWasStarted() {
    lifecycle.start(
        life -> {
          life.onStop("logs", LIMIT, () -> step("logs"));
          throw new StartRefused(List.of("A=1: must be 2", "B=3: must be 4"));
        });

    await().until(() -> done.contains(1));
    assertThat(done).containsExactly("logs", 1);
    assertThat(err.toString(UTF_8).lines()).containsExactly("A=1: must be 2", "B=3: must be 4");
  }

  @Test
  void anUnexpectedFailureIsALineToo() {
    lifecycle.start(life -> Future.failedFuture(new IllegalStateException("odd")));

    await().until(() -> done.contains(1));
    assertThat(err.toString(UTF_8).lines())
        .containsExactly("Cannot start: java.lang.IllegalStateException: odd");
  }

  private Future<Void> step(String name) {
    done.add(name);
    return Future.succeededFuture();
  }
}
