package io.muster.worker.tool.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.runtime.health.HealthStatus;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.task.TaskError;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.task.Tools;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeFeatureTest {
  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final Context context = vertx.getOrCreateContext();
  private final Tools tools = new Tools(() -> {});
  private final FakeSandbox first = new FakeSandbox("first");
  private final FakeSandbox second = new FakeSandbox("second");
  private CodeFeature feature;

  /** One that works as long as the test says. */
  private static final class FakeSandbox implements Sandbox {
    private final String name;
    private Promise<Set<Language>> looked = Promise.promise();
    private Future<Outcome> outcome;
    private volatile Consumer<String> takingLong;

    FakeSandbox(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Future<Set<Language>> look(Consumer<String> told) {
      takingLong = told;
      return looked.future();
    }

    @Override
    public Run run(Program program) {
      return new Run() {
        @Override
        public Future<Outcome> outcome() {
          return outcome;
        }

        @Override
        public void kill() {}
      };
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }

  @AfterEach
  void stop() {
    TestRun.await(onLoop(() -> feature == null ? Future.succeededFuture() : feature.stop()));
    TestRun.await(vertx.close());
  }

  private <T> Future<T> onLoop(Callable<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    context.runOnContext(
        v -> {
          try {
            action.call().onComplete(promise);
          } catch (Exception e) {
            promise.fail(e);
          }
        });
    return promise.future();
  }

  private Future<Void> start() {
    Settings settings = Settings.load(Role.WORKER, Map.of("DATA_DIR", folder.toString()), folder);
    feature =
        new CodeFeature(
            new NodeContext(
                vertx,
                null,
                settings,
                "w1",
                tools,
                null,
                null,
                null,
                () -> {},
                null,
                Clock.systemUTC()),
            List.of(first, second));
    return onLoop(feature::start);
  }

  private String sandbox() {
    return feature.info().getString("sandbox");
  }

  @Test
  void takesTheFirstThatWorks() {
    first.looked.fail(new Sandbox.Unusable("it is not there"));
    second.looked.complete(Set.of(Language.SH));

    TestRun.await(start());

    assertThat(sandbox()).isEqualTo("second");
    assertThat(tools.names()).containsExactly("code_exec");
  }

  @Test
  void doesNotHoldTheWorkersStartUpForWhatTakesLong() {
    Future<Void> started = start();
    await().until(() -> first.takingLong != null);
    assertThat(started.isComplete()).isFalse();

    onLoop(
        () -> {
          first.takingLong.accept("the image is being pulled");
          return Future.succeededFuture();
        });

    TestRun.await(started);
    assertThat(TestRun.await(feature.health().get(0).find()).reason())
        .isEqualTo("code_exec is off: the image is being pulled");
    first.looked.complete(Set.of(Language.SH));
    await().until(() -> tools.names().contains("code_exec"));
    assertThat(sandbox()).isEqualTo("first");
  }

  @Test
  void oneThatBreaksIsOfferedNoMoreAndAnotherIsLookedFor() {
    first.looked.complete(Set.of(Language.SH));
    second.looked.complete(Set.of(Language.SH));
    TestRun.await(start());
    first.outcome = Future.failedFuture(new IllegalStateException("the engine has stopped"));
    first.looked = Promise.promise();

    TaskError refusal =
        TestRun.refusal(
            tools.find("code_exec").orElseThrow(),
            new JsonObject().put("language", "sh").put("code", "true"));

    assertThat(refusal.code()).isEqualTo("sandbox_failed");
    assertThat(refusal.retryable()).isTrue();
    assertThat(tools.names()).isEmpty();
    assertThat(TestRun.await(feature.health().get(0).find()).status())
        .isEqualTo(HealthStatus.DEGRADED);
    first.looked.fail(new Sandbox.Unusable("no container engine answers"));
    await().until(() -> sandbox().equals("second"));
    assertThat(tools.names()).containsExactly("code_exec");
  }
}
