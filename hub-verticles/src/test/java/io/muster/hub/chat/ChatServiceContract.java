package io.muster.hub.chat;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.job.Usage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What sessions promise, whatever the database. */
abstract class ChatServiceContract {
  static final Usage USAGE = new Usage(7, 5, false);

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final Context loop = vertx.getOrCreateContext();
  final SettableClock clock = new SettableClock();
  final AtomicInteger hubs = new AtomicInteger();
  TestDatabase home;
  Database database;
  ChatService service;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
    service = hub(options());
  }

  @AfterEach
  void close() {
    if (service == null) {
      await(vertx.close());
      return;
    }
    try {
      await(onLoop(service::close));
      await(database.close());
    } finally {
      await(vertx.close());
      home.close();
    }
  }

  static ChatOptions options() {
    return new ChatOptions(60, 8192, 50, null, 256, 20_000, 10_000, 60_000);
  }

  ChatService hub(ChatOptions options) {
    ChatService hub =
        new ChatService(vertx, database, "hub-" + hubs.incrementAndGet(), options, clock);
    await(onLoop(hub::start));
    return hub;
  }

  <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    loop.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }

  OpenTurn openTurn(String session, String message) {
    return await(onLoop(() -> service.open(session, message, 0)));
  }

  void commit(OpenTurn turn, String answer) {
    await(onLoop(() -> service.commit(turn, answer, "node-1", "demo", USAGE)));
  }

  void turn(String session, String message, String answer) {
    commit(openTurn(session, message), answer);
  }

  static void assertFault(Failure failure, String says, Future<?> future) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().failure()).isEqualTo(failure))
        .hasMessageContaining(says);
  }

  @Test
  void aTurnSeesWhatWasSaidBefore() {
    turn("s", "I am Ada", "Hello Ada");
    turn("s", "我叫小明", "你好,小明");

    OpenTurn third = openTurn("s", "Who am I?");

    assertThat(third.messages())
        .containsExactly(
            ChatMessage.user("I am Ada"),
            ChatMessage.assistant("Hello Ada"),
            ChatMessage.user("我叫小明"),
            ChatMessage.assistant("你好,小明"),
            ChatMessage.user("Who am I?"));
    assertThat(third.number()).isEqualTo(3);
  }

  @Test
  void sessionsAreApart() {
    turn("a", "in a", "answer a");

    assertThat(openTurn("A", "in A").messages()).containsExactly(ChatMessage.user("in A"));
    assertThat(openTurn("b", "in b").messages()).containsExactly(ChatMessage.user("in b"));
  }

  @Test
  void theSystemPromptComesFirst() {
    ChatService prompted =
        hub(new ChatOptions(60, 8192, 50, "Be brief.", 256, 20_000, 10_000, 60_000));
    turn("s", "one", "1");

    OpenTurn turn = await(onLoop(() -> prompted.open("s", "two", 0)));

    assertThat(turn.messages().get(0)).isEqualTo(ChatMessage.system("Be brief."));
    assertThat(turn.messages()).hasSize(4);
  }

  @Test
  void textsThatADatabaseRefusesAreStoredWithReplacements() {
    String emoji = "ok \uD83D\uDE00";
    turn("s", "nul \u0000 half \uD83D", emoji);

    assertThat(openTurn("s", "x").messages())
        .startsWith(ChatMessage.user("nul \uFFFD half \uFFFD"), ChatMessage.assistant(emoji));
  }

  @Test
  void longTextsComeBackWhole() {
    String text = "word ".repeat(100_000);
    turn("s", "short", text);

    OpenTurn turn = await(onLoop(() -> service.open("s", "more", 1_000_000)));

    assertThat(turn.messages().get(1).content()).isEqualTo(text);
  }

  @Test
  void anAbandonedTurnLeavesNothing() {
    turn("s", "kept", "yes");
    OpenTurn lost = openTurn("s", "lost");
    loop.runOnContext(v -> service.abandon(lost));

    assertThat(openTurn("s", "next").messages())
        .containsExactly(
            ChatMessage.user("kept"), ChatMessage.assistant("yes"), ChatMessage.user("next"));
    assertFault(
        Failure.CONFLICT,
        "ended",
        onLoop(() -> service.commit(lost, "late", "node-1", "demo", USAGE)));
  }

  @Test
  void aSessionWhoseOnlyTurnWasAbandonedDoesNotExist() {
    OpenTurn lost = openTurn("s", "lost");
    loop.runOnContext(v -> service.abandon(lost));

    assertThat(openTurn("s", "first").number()).isEqualTo(1);
    assertThat(await(onLoop(() -> service.find("s")))).isEmpty();
  }

  @Test
  void manyTurnsAtOnceRunOneAfterTheOther() {
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger next = new AtomicInteger();
    List<Future<Void>> clients =
        IntStream.range(0, 20).mapToObj(i -> onLoop(() -> client(open, most, next))).toList();

    await(Future.all(clients));

    assertThat(most).hasValue(1);
    SessionView view = await(onLoop(() -> service.find("s"))).orElseThrow();
    assertThat(view.turnCount()).isEqualTo(100);
    assertThat(view.turns()).hasSize(50);
    assertThat(view.turns()).allSatisfy(t -> assertThat(t.answer()).isEqualTo("re " + t.message()));
  }

  /** Sends turns until 100 were sent by all clients together. */
  private Future<Void> client(AtomicInteger open, AtomicInteger most, AtomicInteger next) {
    int mine = next.incrementAndGet();
    if (mine > 100) {
      return Future.succeededFuture();
    }
    String message = "m" + mine;
    return service
        .open("s", message, 0)
        .compose(
            turn -> {
              most.accumulateAndGet(open.incrementAndGet(), Math::max);
              Promise<Void> worked = Promise.promise();
              vertx.setTimer(1, id -> worked.complete());
              return worked
                  .future()
                  .onComplete(v -> open.decrementAndGet())
                  .compose(v -> service.commit(turn, "re " + message, "n", "demo", USAGE));
            })
        .compose(v -> client(open, most, next));
  }

  @Test
  void turnsOfOneSessionBeginInTheOrderTheyCame() {
    List<String> order = new ArrayList<>();
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      String message = "m" + i;
      all.add(
          onLoop(
              () ->
                  service
                      .open("s", message, 0)
                      .onSuccess(turn -> order.add(message))
                      .compose(turn -> service.commit(turn, "ok", "n", "demo", USAGE))));
    }
    await(Future.all(all));
    assertThat(order).containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
  }

  @Test
  void randomEndingsNeverLeaveASessionStuck() {
    List<Future<Void>> all = new ArrayList<>();
    Random random = new Random(5);
    AtomicInteger committed = new AtomicInteger();
    for (int i = 0; i < 400; i++) {
      String session = "s" + random.nextInt(5);
      int fate = random.nextInt(10);
      all.add(
          onLoop(
              () ->
                  service
                      .open(session, "m", 0)
                      .compose(
                          turn -> {
                            if (fate < 5) {
                              service.abandon(turn);
                              return Future.succeededFuture();
                            }
                            if (fate == 5) {
                              service.abandon(turn);
                              return service.delete(session).mapEmpty();
                            }
                            committed.incrementAndGet();
                            return service
                                .commit(turn, "a", "n", "demo", USAGE)
                                // Deleted by another meanwhile.
                                .otherwise(
                                    e -> {
                                      assertThat(((FaultException) e).fault().failure())
                                          .isEqualTo(Failure.CONFLICT);
                                      return null;
                                    });
                          })));
    }
    await(Future.all(all));
    assertThat(committed).hasPositiveValue();
    assertThat(service.openTurns()).isZero();
    turn("s0", "still", "works");
  }

  @Test
  void aTurnThatWaitsTooLongOrInTooLongALineIsRefused() {
    ChatService small = hub(new ChatOptions(60, 8192, 50, null, 2, 300, 10_000, 60_000));
    OpenTurn first = await(onLoop(() -> small.open("s", "first", 0)));
    Future<OpenTurn> second = onLoop(() -> small.open("s", "second", 0));
    Future<OpenTurn> third = onLoop(() -> small.open("s", "third", 0));

    assertFault(Failure.RATE_LIMITED, "session_id: 2", onLoop(() -> small.open("s", "fourth", 0)));
    assertFault(Failure.RATE_LIMITED, "too long", second);
    assertFault(Failure.RATE_LIMITED, "too long", third);

    await(onLoop(() -> small.commit(first, "1", "n", "demo", USAGE)));
    assertThat(await(onLoop(() -> small.open("s", "fifth", 0))).messages()).hasSize(3);
    await(onLoop(small::close));
  }

  @Test
  void namesAndMessagesAreChecked() {
    assertFault(Failure.BAD_REQUEST, "session_id:", onLoop(() -> service.open("", "m", 0)));
    assertFault(Failure.BAD_REQUEST, "session_id:", onLoop(() -> service.open(null, "m", 0)));
    assertFault(
        Failure.BAD_REQUEST, "session_id:", onLoop(() -> service.open("x".repeat(201), "m", 0)));
    assertFault(Failure.BAD_REQUEST, "session_id:", onLoop(() -> service.open("a\nb", "m", 0)));
    assertFault(Failure.BAD_REQUEST, "message:", onLoop(() -> service.open("s", " ", 0)));
    assertFault(
        Failure.BAD_REQUEST,
        "message: too long",
        onLoop(() -> service.open("s", "x".repeat(4_000), 1_000)));
    turn("\uD83D\uDE00".repeat(200), "m", "200 characters of two units each fit");
    assertThat(await(onLoop(() -> service.find("a\nb")))).isEmpty();
    assertThat(await(onLoop(() -> service.delete("")))).isFalse();
  }

  @Test
  void aSessionCanBeSeenAndDeleted() {
    long before = clock.millis();
    turn("s", "hi", "hello");
    clock.advance(Duration.ofSeconds(5));
    turn("s", "again", "yes");

    SessionView view = await(onLoop(() -> service.find("s"))).orElseThrow();

    assertThat(view.createdAt()).isEqualTo(before);
    assertThat(view.updatedAt()).isEqualTo(before + 5_000);
    assertThat(view.turns())
        .containsExactly(
            new SessionView.Turn(1, "hi", "hello", "node-1", "demo", USAGE, before),
            new SessionView.Turn(2, "again", "yes", "node-1", "demo", USAGE, before + 5_000));
    assertThat(await(onLoop(() -> service.delete("s")))).isTrue();
    assertThat(await(onLoop(() -> service.delete("s")))).isFalse();
    assertThat(await(onLoop(() -> service.find("s")))).isEmpty();
    assertThat(openTurn("s", "new").messages()).hasSize(1);
  }

  @Test
  void aTurnWhoseSessionWasDeletedIsNotCommitted() {
    turn("s", "hi", "hello");
    OpenTurn turn = openTurn("s", "more");
    await(onLoop(() -> service.delete("s")));

    assertFault(
        Failure.CONFLICT, "deleted", onLoop(() -> service.commit(turn, "a", "n", "demo", USAGE)));
    assertThat(await(onLoop(() -> service.find("s")))).isEmpty();
    turn("s", "afresh", "ok");
  }

  @Test
  void idleSessionsAreForgotten() {
    turn("old", "hi", "hello");
    clock.advance(Duration.ofMinutes(59));
    turn("young", "hi", "hello");
    OpenTurn running = openTurn("running", "hi");
    clock.advance(Duration.ofMinutes(2));

    assertThat(await(onLoop(() -> service.find("old")))).isEmpty();
    assertThat(openTurn("old", "new").messages()).hasSize(1);
    assertThat(await(onLoop(() -> service.find("young")))).isPresent();
    clock.advance(Duration.ofMinutes(60));
    SessionStore store = new SessionStore(database, "sweeper", options(), clock);
    // "young" alone: in the two others, turns are under way.
    assertThat(await(store.sweep(100))).isEqualTo(1);
    commit(running, "late, but its session was not swept away");
    assertThat(await(onLoop(() -> service.find("running")))).isPresent();
  }

  @Test
  void anotherHubsTurnIsWaitedFor() {
    ChatService other = hub(options());
    OpenTurn first = openTurn("s", "first");
    Future<OpenTurn> second = onLoop(() -> other.open("s", "second", 0));
    Awaitility.await()
        .during(Duration.ofMillis(300))
        .atMost(Duration.ofSeconds(2))
        .until(() -> !second.isComplete());

    commit(first, "1");

    assertThat(await(second).messages())
        .containsExactly(
            ChatMessage.user("first"), ChatMessage.assistant("1"), ChatMessage.user("second"));
  }

  @Test
  void aDeadHubsTurnIsOvertakenAndItsLateCommitRefused() {
    ChatOptions shortLease = new ChatOptions(60, 8192, 50, null, 256, 20_000, 700, 60_000);
    // Never started: nothing extends its leases, as if its process were stopped.
    ChatService stalled = new ChatService(vertx, database, "stalled", shortLease, clock);
    ChatService living = hub(shortLease);
    OpenTurn first = await(onLoop(() -> stalled.open("s", "first", 0)));

    OpenTurn second = await(onLoop(() -> living.open("s", "second", 0)));

    assertThat(second.fence()).isGreaterThan(first.fence());
    assertFault(
        Failure.CONFLICT,
        "continued elsewhere",
        onLoop(() -> stalled.commit(first, "late", "n", "demo", USAGE)));
    await(onLoop(() -> living.commit(second, "2", "n", "demo", USAGE)));
    assertThat(await(onLoop(() -> living.find("s"))).orElseThrow().turns())
        .extracting(SessionView.Turn::message)
        .containsExactly("second");
    await(onLoop(living::close));
  }

  @Test
  void aLivingHubKeepsItsLeaseForAsLongAsItsTurnRuns() {
    ChatOptions shortLease = new ChatOptions(60, 8192, 50, null, 256, 20_000, 500, 60_000);
    ChatService slow = hub(shortLease);
    ChatService other = hub(shortLease);
    OpenTurn turn = await(onLoop(() -> slow.open("s", "slow", 0)));
    Future<OpenTurn> waiting = onLoop(() -> other.open("s", "impatient", 0));

    Awaitility.await()
        .during(Duration.ofMillis(1_500))
        .atMost(Duration.ofSeconds(5))
        .until(() -> !waiting.isComplete());
    await(onLoop(() -> slow.commit(turn, "done", "n", "demo", USAGE)));

    assertThat(await(waiting).messages()).hasSize(3);
    await(onLoop(slow::close));
    await(onLoop(other::close));
  }

  @Test
  void aTurnThatNobodyEndsIsTakenAsAbandoned() {
    ChatService forgetful = hub(new ChatOptions(60, 8192, 50, null, 256, 20_000, 300, 400));
    await(onLoop(() -> forgetful.open("s", "forgotten", 0)));

    assertThat(await(onLoop(() -> forgetful.open("s", "next", 0))).messages()).hasSize(1);
    await(onLoop(forgetful::close));
  }

  @Test
  void closingGivesTheSessionsBack() {
    ChatService other = hub(options());
    OpenTurn cut = openTurn("s", "cut");
    Future<OpenTurn> behind = onLoop(() -> service.open("s", "behind", 0));

    await(onLoop(service::close));

    assertFault(Failure.NO_CAPACITY, "shutting down", behind);
    assertFault(Failure.NO_CAPACITY, "shutting down", onLoop(() -> service.open("s", "late", 0)));
    assertThat(await(onLoop(() -> other.open("s", "elsewhere", 0))).fence())
        .isGreaterThan(cut.fence());
  }

  @Test
  void twoHubsShareOneSessionFairlyAndInOrder() {
    ChatService other = hub(options());
    AtomicInteger open = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<String> order = new ArrayList<>();
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      for (ChatService hub : List.of(service, other)) {
        String message = (hub == service ? "a" : "b") + i;
        all.add(
            onLoop(
                () ->
                    hub.open("s", message, 0)
                        .compose(
                            turn -> {
                              order.add(message.substring(0, 1));
                              most.accumulateAndGet(open.incrementAndGet(), Math::max);
                              Promise<Void> worked = Promise.promise();
                              vertx.setTimer(2, id -> worked.complete());
                              return worked
                                  .future()
                                  .onComplete(v -> open.decrementAndGet())
                                  .compose(v -> hub.commit(turn, "re " + message, "n", "m", USAGE));
                            })));
      }
    }
    await(Future.all(all));

    assertThat(most).hasValue(1);
    assertThat(order).hasSize(60);
    // Neither waits until the other's whole line is done.
    assertThat(order.subList(0, 30)).contains("a", "b");
    SessionView view = await(onLoop(() -> service.find("s"))).orElseThrow();
    assertThat(view.turnCount()).isEqualTo(60);
    assertThat(view.turns()).allSatisfy(t -> assertThat(t.answer()).isEqualTo("re " + t.message()));
    await(onLoop(other::close));
  }
}
