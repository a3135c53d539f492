package io.muster.hub.quota;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.quota.Rule.Scope;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.NodeType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What quotas promise, whatever the database, to several hubs at once. */
abstract class QuotasContract {
  private static final long LEASE_MS = 1_500;
  private static final Limits NODES = new Limits(30, 10_000, 3, 2);
  private static final Principal NODE = Principal.node("worker-1");
  private static final Demand STREAM = new Demand(1_000, true);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
  private final List<Hub> hubs = new ArrayList<>();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final AtomicLong aheadMs = new AtomicLong();
  private TestDatabase home;
  Database database;

  /** A hub on an event loop of its own. */
  private final class Hub {
    final Context context = ((VertxInternal) vertx).createEventLoopContext();
    final Quotas quotas;

    Hub(String id) {
      quotas =
          new Quotas(
              vertx,
              database,
              id,
              new Quotas.Options(NODES, Limits.UNLIMITED, 1_000, LEASE_MS),
              Quotas.Nodes.of(node -> NodeType.WORKER, node -> Set.of("gpu", "far")),
              (type, data) -> told.add(type + data),
              System::nanoTime,
              aheadMs::get);
      hubs.add(this);
      await(run(quotas::start));
    }

    <T> Future<T> run(Supplier<Future<T>> action) {
      Promise<T> promise = Promise.promise();
      context.runOnContext(v -> action.get().onComplete(promise));
      return promise.future();
    }

    Hold reserve(Principal principal, Limits limits, Demand demand) {
      return await(run(() -> quotas.reserve(principal, limits, demand, "req-1")));
    }

    void settle(Hold hold, long tokens) {
      context.runOnContext(v -> hold.settle(tokens));
    }

    List<QuotaStore.Use> uses() {
      return await(run(() -> quotas.uses(100)));
    }
  }

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
  }

  @AfterEach
  void close() {
    hubs.forEach(hub -> await(hub.run(hub.quotas::close)));
    if (database != null) {
      await(database.close());
    }
    await(vertx.close());
    home.close();
  }

  private static Refusal.What refused(Hub hub, Demand demand) {
    try {
      hub.reserve(NODE, NODES, demand);
      return null;
    } catch (QuotaExceeded e) {
      return e.refusal().what();
    }
  }

  @Test
  void hubsShareOnePrincipalsLimits() {
    Hub one = new Hub("hub-1");
    Hub two = new Hub("hub-2");
    Hold first = one.reserve(NODE, NODES, STREAM);
    one.reserve(NODE, NODES, STREAM);
    Hold third = two.reserve(NODE, NODES, STREAM);
    assertThat(third.standing().requestsLeft()).isEqualTo(57);
    assertThat(refused(one, STREAM)).isEqualTo(Refusal.What.STREAMS);
    assertThat(refused(two, STREAM)).isEqualTo(Refusal.What.STREAMS);
    assertThat(refused(two, new Demand(7_001, false))).isEqualTo(Refusal.What.TOKENS);

    one.settle(first, 1_500);
    Awaitility.await().until(() -> two.uses().get(0).quota().tokens() == 1_500);
    two.reserve(NODE, NODES, STREAM);
    assertThat(told).anyMatch(event -> event.startsWith("llm_proxy_rate_limited{nodeId=worker-1"));
    // A second of the same within the second is not told again.
    assertThat(told.stream().filter(event -> event.contains("maxConcurrentStreams")).count())
        .isLessThanOrEqualTo(2);
  }

  @Test
  void aNewDayBeginsWithNothingUsed() {
    Hub hub = new Hub("hub-1");
    hub.settle(hub.reserve(NODE, NODES, STREAM), 10_500);
    Awaitility.await().until(() -> hub.uses().get(0).quota().tokens() == 10_500);
    assertThat(refused(hub, STREAM)).isEqualTo(Refusal.What.TOKENS);
    aheadMs.set(Quota.DAY_MS);
    hub.reserve(NODE, NODES, STREAM);
    assertThat(hub.uses().get(0).quota().tokens()).isZero();
  }

  @Test
  void whatADeadHubHeldIsFreeAfterItsLease() {
    Hub alive = new Hub("hub-1");
    QuotaStore dead = new QuotaStore(database, "hub-dead", LEASE_MS, () -> 0);
    List<QuotaStore.Step> steps = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      steps.add(new QuotaStore.Reserve("hub-dead/" + i, NODE, NODES, STREAM));
    }
    await(alive.run(() -> dead.run(steps)));
    assertThat(refused(alive, STREAM)).isEqualTo(Refusal.What.STREAMS);
    Awaitility.await()
        .atMost(Duration.ofMillis(LEASE_MS * 3))
        .until(() -> refused(alive, STREAM) == null);
    assertThat(alive.uses().get(0).quota().heldStreams()).isEqualTo(1);
  }

  @Test
  void aHubThatLostItsLeaseEndsWhatItHeld() {
    Hub hub = new Hub("hub-1");
    Hold hold = hub.reserve(NODE, NODES, STREAM);
    AtomicInteger lost = new AtomicInteger();
    hub.context.runOnContext(v -> hold.whenLost(lost::incrementAndGet));
    QuotaStore other = new QuotaStore(database, "hub-1", LEASE_MS, () -> 0);
    await(hub.run(other::leave));
    Awaitility.await().until(() -> lost.get() == 1);
    hub.settle(hold, 700);
    Awaitility.await().until(() -> hub.uses().get(0).quota().tokens() == 700);
    assertThat(hub.uses().get(0).quota().heldStreams()).isZero();
  }

  @Test
  void theMostSpecificRuleWinsOnAllHubs() {
    Hub one = new Hub("hub-1");
    Hub two = new Hub("hub-2");
    put(one, new Rule(Scope.TYPE, "worker", 1L, 1L, 1L, 1, 5, "admin"));
    put(one, new Rule(Scope.TAG, "gpu", null, 500L, 8L, null, 5, "admin"));
    put(one, new Rule(Scope.TAG, "far", null, -1L, 4L, null, 5, "admin"));
    put(one, new Rule(Scope.NODE, "worker-1", 100L, null, null, null, 5, "admin"));
    put(one, new Rule(Scope.KEY, "key-1", null, null, 2L, null, 5, null));
    await(two.run(two.quotas::reload));
    assertThat(two.quotas.limits(NODE)).isEqualTo(new Limits(100, 500, 4, 1));
    assertThat(two.quotas.limits(Principal.node("other"))).isEqualTo(new Limits(1, 500, 4, 1));
    assertThat(two.quotas.limits(Principal.key("key-1"))).isEqualTo(new Limits(-1, -1, 2, 1));
    assertThat(two.quotas.limits(Principal.key("anyone")).unlimited()).isTrue();

    put(one, new Rule(Scope.NODE, "worker-1", null, 7L, null, 3, 6, "admin"));
    assertThat(await(one.run(() -> one.quotas.delete(Scope.TYPE, "worker")))).isTrue();
    assertThat(await(one.run(() -> one.quotas.delete(Scope.TYPE, "worker")))).isFalse();
    assertThat(one.quotas.limits(NODE)).isEqualTo(new Limits(30, 7, 4, 3));
  }

  private static void put(Hub hub, Rule rule) {
    await(hub.run(() -> hub.quotas.put(rule)));
  }

  @Test
  void manyAtOnceOnThreeHubsNeverExceedAndLeaveNothing() {
    Limits limits = new Limits(Limits.MAX_BURST * 1_000L, 40_000, 5, 1);
    Principal[] principals = {NODE, Principal.node("worker-2"), Principal.key("key-1")};
    AtomicInteger[] streams = {new AtomicInteger(), new AtomicInteger(), new AtomicInteger()};
    AtomicLong[] tokens = {new AtomicLong(), new AtomicLong(), new AtomicLong()};
    AtomicInteger granted = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<String> broken = new CopyOnWriteArrayList<>();
    List<Future<Void>> all = new ArrayList<>();
    // Before the first request: a hub that enters where it must be alone buries the others.
    List<Hub> three = List.of(new Hub("hub-0"), new Hub("hub-1"), new Hub("hub-2"));
    for (int h = 0; h < 3; h++) {
      Hub hub = three.get(h);
      for (int r = 0; r < 40; r++) {
        Random random = new Random(h * 1_000L + r);
        all.add(
            hub.run(
                () ->
                    round(
                        hub,
                        random,
                        25,
                        limits,
                        principals,
                        streams,
                        tokens,
                        granted,
                        refused,
                        broken)));
      }
    }
    await(Future.all(all));
    assertThat(broken).isEmpty();
    assertThat(granted.get()).isGreaterThan(100);
    assertThat(refused.get()).isGreaterThan(100);
    Hub hub = hubs.get(0);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(hub.uses())
                    .hasSize(3)
                    .allSatisfy(
                        use -> {
                          assertThat(use.quota().heldStreams()).isZero();
                          assertThat(use.quota().heldTokens()).isZero();
                        }));
    for (int i = 0; i < 3; i++) {
      Principal principal = principals[i];
      long counted =
          hub.uses().stream()
              .filter(use -> use.principal().equals(principal))
              .findFirst()
              .orElseThrow()
              .quota()
              .tokens();
      assertThat(counted).isEqualTo(tokens[i].get()).isLessThanOrEqualTo(limits.tokensPerDay());
    }
  }

  private Future<Void> round(
      Hub hub,
      Random random,
      int left,
      Limits limits,
      Principal[] principals,
      AtomicInteger[] streams,
      AtomicLong[] tokens,
      AtomicInteger granted,
      AtomicInteger refused,
      List<String> broken) {
    if (left == 0) {
      return Future.succeededFuture();
    }
    int who = random.nextInt(principals.length);
    Demand demand = new Demand(random.nextInt(500), random.nextInt(4) > 0);
    return hub.quotas
        .reserve(principals[who], limits, demand, "r")
        .compose(
            hold -> {
              granted.incrementAndGet();
              if (demand.stream() && streams[who].incrementAndGet() > limits.streams()) {
                broken.add("streams of " + principals[who]);
              }
              Promise<Void> over = Promise.promise();
              vertx.setTimer(
                  1 + random.nextInt(5),
                  id -> {
                    if (demand.stream()) {
                      streams[who].decrementAndGet();
                    }
                    long used = demand.tokens() == 0 ? 0 : random.nextInt((int) demand.tokens());
                    tokens[who].addAndGet(used);
                    hold.settle(used);
                    hold.settle(99_999);
                    over.complete();
                  });
              return over.future();
            })
        .recover(
            cause -> {
              if (!(cause instanceof QuotaExceeded)) {
                broken.add(cause.toString());
              }
              refused.incrementAndGet();
              return Future.succeededFuture();
            })
        .compose(
            v ->
                round(
                    hub,
                    random,
                    left - 1,
                    limits,
                    principals,
                    streams,
                    tokens,
                    granted,
                    refused,
                    broken));
  }

  @Test
  void refusalsTellTheCallerWhatThereIs() {
    Hub hub = new Hub("hub-1");
    assertThatThrownBy(() -> hub.reserve(NODE, new Limits(0, -1, -1, 1), STREAM))
        .isInstanceOf(QuotaExceeded.class)
        .hasMessageContaining("0 of 0 requests");
  }
}
