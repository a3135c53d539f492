package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims over an engine that fails, is slow, or is meddled with at the worst moment. */
class SettlingTest {
  private static final String NODE = "n";
  private static final long RESTART_MS = 300;
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final io.vertx.core.Context loop = vertx.getOrCreateContext();
  private final PlayedEngine engine = new PlayedEngine();
  private final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
  private Claims claims;
  private EngineWatch watch;
  private EngineLook look;
  private Desk desk;

  @BeforeEach
  void start() {
    onLoop(
        () -> {
          Clock clock = Clock.systemUTC();
          Reservations reservations = new Reservations(10);
          claims = new Claims(new ClaimFiles(vertx, folder), reservations);
          ContainerNews news =
              new ContainerNews(
                  NODE, new Events(NODE, events::add, clock), new SimpleMeterRegistry());
          RestartRule restarts = new RestartRule(RESTART_MS, RESTART_MS);
          Settling settling =
              new Settling(
                  vertx,
                  engine,
                  claims,
                  new EngineSteps(NODE, engine, claims, news),
                  restarts,
                  news,
                  clock);
          look =
              new EngineLook(NODE, engine, claims, reservations, settling, restarts, news, clock);
          watch = new EngineWatch(vertx, engine, 50, 1_000, System::nanoTime, new Listening());
          settling.watch(watch, look::look);
          look.watch(watch);
          desk =
              new Desk(
                  vertx,
                  NODE,
                  engine,
                  watch,
                  claims,
                  reservations,
                  settling,
                  new Policy(
                      new Policy.Owner(
                          List.of(),
                          List.of(),
                          List.of(),
                          List.of(),
                          List.of(),
                          false,
                          Path.of("/var/run/docker.sock"))),
                  () -> List.of(0, 1),
                  new Desk.Options(0, 500),
                  clock);
          return claims.load().onSuccess(v -> watch.start());
        });
    await().atMost(SOON).until(() -> onLoop(() -> done(watch.isUp())));
  }

  @AfterEach
  void stop() throws Exception {
    onLoop(
        () -> {
          watch.stop();
          return claims.close();
        });
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private final class Listening implements EngineWatch.Listener {
    @Override
    public void up() {
      look.look();
    }

    @Override
    public void away(String problem) {
      look.engineAway();
    }

    @Override
    public void look() {
      look.look();
    }
  }

  private static <T> Future<T> done(T value) {
    return Future.succeededFuture(value);
  }

  private <T> CompletableFuture<T> begin(Supplier<Future<T>> action) {
    CompletableFuture<T> result = new CompletableFuture<>();
    loop.runOnContext(
        v -> {
          try {
            action.get().onComplete(result::complete, result::completeExceptionally);
          } catch (RuntimeException e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private <T> T onLoop(Supplier<Future<T>> action) {
    return begin(action).orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void play(Runnable action) {
    onLoop(
        () -> {
          action.run();
          return Future.succeededFuture();
        });
  }

  private static String body(String claim, String more) {
    return "{\"claim_id\":\"" + claim + "\",\"image\":\"i\"" + more + "}";
  }

  private CompletableFuture<Claimed> create(String claim, String more) {
    return begin(() -> desk.create(ContainerBody.read(new JsonObject(body(claim, more)))));
  }

  private State state(String claim) {
    return onLoop(
        () ->
            done(
                desk.list().stream()
                    .filter(each -> each.claimId().equals(claim))
                    .findFirst()
                    .map(ContainerInfo::state)
                    .orElse(null)));
  }

  private void awaitState(String claim, State state) {
    await(claim + " " + state).atMost(SOON).until(() -> state(claim) == state);
  }

  /** So that what was not to happen would have. */
  private void pass(long ms) {
    onLoop(
        () -> {
          Promise<Void> passed = Promise.promise();
          vertx.setTimer(ms, id -> passed.complete());
          return passed.future();
        });
  }

  private void awaitLooks(int count) {
    int before = onLoop(() -> done(engine.calls("list")));
    await().atMost(SOON).until(() -> onLoop(() -> done(engine.calls("list"))) >= before + count);
  }

  @Test
  void aStartThatTheEngineDidNotAnswerIsMadeUpForWhenItIsBack() {
    create("a", ",\"restart\":\"always\"").join();
    awaitState("a", State.RUNNING);
    play(
        () -> {
          engine.failing.put("start", new EngineAway("just then"));
          engine.exit("a", 1);
        });
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(onLoop(() -> done(engine.calls("start")))).isEqualTo(3));
    awaitState("a", State.RUNNING);
  }

  @Test
  void aRestartThatWasDueWhileTheEngineWasAwayComesWhenItIsBack() {
    create("a", ",\"restart\":\"always\"").join();
    awaitState("a", State.RUNNING);
    play(() -> engine.exit("a", 1));
    awaitState("a", State.EXITED);
    play(() -> engine.away = true);
    pass(2 * RESTART_MS);
    assertThat(state("a")).isEqualTo(State.EXITED);
    play(() -> engine.away = false);
    awaitState("a", State.RUNNING);
  }

  @Test
  void whatEndsBeforeAnybodyLookedIsStartedAgainAllTheSame() {
    play(() -> engine.shortLived = true);
    create("a", ",\"restart\":\"always\"").join();
    await().atMost(SOON).until(() -> onLoop(() -> done(engine.calls("start"))) > 3);
  }

  @Test
  void aClaimThatWasForgottenIsNotStartedAgain() {
    create("a", ",\"restart\":\"on-failure\",\"gpus\":2").join();
    awaitState("a", State.RUNNING);
    play(() -> engine.exit("a", 1));
    awaitState("a", State.EXITED);
    // By hand, while its restart waits.
    play(() -> engine.containers.clear());
    awaitState("a", null);
    create("b", ",\"gpus\":2").join();
    pass(2 * RESTART_MS);
    assertThat(onLoop(() -> done(engine.containers.size()))).isEqualTo(1);
    assertThat(onLoop(() -> done(engine.calls("create")))).isEqualTo(2);
  }

  @Test
  void aStopThatTheEngineDidWithoutAnAnswerIsSeen() {
    create("a", "").join();
    awaitState("a", State.RUNNING);
    play(() -> engine.failing.put("stop", new EngineAway("slow")));
    assertThat(begin(() -> desk.stop("a", 0)).handle((done, cause) -> cause).join()).isNotNull();
    awaitState("a", State.STOPPED);
  }

  @Test
  void whatWasListedBeforeAClaimWasRemovedDoesNotBringItBack() {
    create("a", ",\"restart\":\"always\",\"gpus\":2").join();
    awaitState("a", State.RUNNING);
    Promise<Void> late = Promise.promise();
    int lists = onLoop(() -> done(engine.calls("list")));
    play(() -> engine.held.put("list", late));
    await().atMost(SOON).until(() -> onLoop(() -> done(engine.calls("list"))) > lists);
    onLoop(() -> desk.remove("a", 0));
    play(late::complete);
    awaitLooks(3);
    assertThat(state("a")).isNull();
    assertThat(onLoop(() -> done(engine.containers.size()))).isZero();
    assertThat(onLoop(() -> done(desk.offer(null).freeGpus()))).containsExactly(0, 1);
    assertThat(events.stream().filter(event -> event.type().equals("container_removed")))
        .hasSize(1);
  }

  @Test
  void whatWasMadeLateForAnEarlierClaimIsNotTakenForAnother() {
    play(() -> engine.failing.put("create", new EngineAway("slow")));
    // The list says nothing of it yet.
    Promise<Void> late = Promise.promise();
    play(() -> engine.held.put("list", late));
    CompletableFuture<Claimed> first = create("a", ",\"gpu_ids\":[0]");
    first.join();
    onLoop(() -> desk.remove("a", 0));
    CompletableFuture<Claimed> second = create("a", ",\"gpu_ids\":[1]");
    play(late::complete);
    second.join();
    awaitState("a", State.RUNNING);
    assertThat(onLoop(() -> done(engine.containers.size()))).isEqualTo(1);
    assertThat(onLoop(() -> done(Labels.gpus(engine.of("a").labels)))).containsExactly(1);
  }

  @Test
  void whatCannotBeStartedIsNotTriedAtEachLook() {
    play(() -> engine.failing.put("start", new FaultException(Failure.PROVIDER_ERROR, "no")));
    create("c", ",\"pull\":\"always\"").join();
    awaitState("c", State.FAILED);
    int starts = onLoop(() -> done(engine.calls("start")));
    awaitLooks(4);
    assertThat(onLoop(() -> done(engine.calls("start")))).isEqualTo(starts);
    assertThat(state("c")).isEqualTo(State.FAILED);
  }

  @Test
  void whatIsAlwaysToRunIsTriedAgainWhereItsImageDidNotCome() {
    play(() -> engine.failing.put("pull", new FaultException(Failure.PROVIDER_ERROR, "no")));
    create("a", ",\"pull\":\"always\",\"restart\":\"always\"").join();
    awaitState("a", State.RUNNING);
    assertThat(onLoop(() -> done(engine.calls("pull")))).isEqualTo(2);
  }

  @Test
  void anAcknowledgedClaimIsKeptHoweverItEnds() {
    Promise<Void> slow = Promise.promise();
    play(
        () -> {
          engine.held.put("start", slow);
          engine.failing.put("start", new FaultException(Failure.PROVIDER_ERROR, "no"));
        });
    Claimed answered = create("a", "").join();
    assertThat(answered.container().state()).isEqualTo(State.CREATING);
    play(slow::complete);
    awaitState("a", State.FAILED);
    awaitLooks(2);
    assertThat(state("a")).isEqualTo(State.FAILED);
  }

  @Test
  void whoeverAsksForAClaimASecondTimeIsAnsweredWhenItIsWrittenDown() throws Exception {
    CountDownLatch disk = new CountDownLatch(1);
    // The one thread that writes.
    vertx
        .createSharedWorkerExecutor("muster-claims", 1)
        .executeBlocking(
            () -> {
              disk.await();
              return null;
            });
    CompletableFuture<Claimed> first = create("a", "");
    CompletableFuture<Claimed> second = create("a", "");
    pass(100);
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    disk.countDown();
    assertThat(first.get(20, TimeUnit.SECONDS).made()).isTrue();
    assertThat(second.get(20, TimeUnit.SECONDS).made()).isFalse();
  }

  @Test
  void anImageThatNobodyWantsAnyMoreIsFetchedNoFurther() {
    Promise<Void> never = Promise.promise();
    play(() -> engine.held.put("pull", never));
    create("a", ",\"pull\":\"always\"").join();
    assertThat(state("a")).isEqualTo(State.PULLING);
    onLoop(() -> desk.remove("a", 0));
    assertThat(state("a")).isNull();
    assertThat(onLoop(() -> done(engine.calls("stopPull")))).isEqualTo(1);
  }
}
