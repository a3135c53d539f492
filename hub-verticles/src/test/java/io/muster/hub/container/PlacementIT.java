package io.muster.hub.container;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.container.ContainerAnswer.Claimed;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.hub.http.JsonBody;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers and model servers that two hubs of one PostgreSQL put on the same nodes. */
class PlacementIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final long MOVE_AFTER_MS = 300;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private final Bus bus = new Bus(vertx);
  private final SomeNodes nodes = new SomeNodes();
  private final PlayedNode a = new PlayedNode("a");
  private final PlayedNode b = new PlayedNode("b");
  private final TestDatabase database = TestDatabase.postgres();
  private final List<PlayedHub> hubs = new ArrayList<>();

  /** What a hub does about containers. */
  private final class PlayedHub {
    final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
    final Database connections = database.open(vertx);
    final ContainerStore store = new ContainerStore(connections);
    final Placer placer;
    final ServerReconciler reconciler;
    volatile boolean first;

    PlayedHub(String id) {
      Clock clock = Clock.systemUTC();
      ContainerOrders orders =
          new ContainerOrders(
              NodeOrders.over(bus, SOON, (node, command) -> (Record) command),
              nodes,
              node -> Set.of(),
              SOON);
      placer = new Placer(orders, store, clock);
      reconciler =
          new ServerReconciler(
              vertx,
              orders,
              store,
              () -> first,
              new Events(id, events::add, clock),
              clock,
              50,
              MOVE_AFTER_MS);
      hubs.add(this);
    }

    List<String> told() {
      return events.stream().map(ClusterEvent::type).toList();
    }
  }

  private PlayedHub one;
  private PlayedHub two;

  @BeforeEach
  void start() {
    one = new PlayedHub("one");
    two = new PlayedHub("two");
    await(bus.open(Addresses.node("a"), a.inbox()));
    await(bus.open(Addresses.node("b"), b.inbox()));
    up("a");
    up("b");
  }

  @AfterEach
  void stop() throws Exception {
    for (PlayedHub hub : hubs) {
      play(hub.reconciler::close);
      await(hub.connections.close());
    }
    database.close();
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private void up(String id) {
    NodeInfo plain = SomeNodes.info(id);
    NodeInfo info =
        new NodeInfo(
            plain.id(),
            plain.instance(),
            plain.memberId(),
            plain.name(),
            plain.location(),
            plain.type(),
            plain.version(),
            plain.startedAt(),
            List.of(ContainerOrders.CAPABILITY),
            plain.tools(),
            plain.models(),
            plain.personality(),
            plain.endpoint(),
            plain.ips(),
            plain.maxConcurrent(),
            plain.resources(),
            plain.metadata());
    play(() -> nodes.with(SomeNodes.view(info, NodeState.ONLINE, new StateCause.Heard(1))));
  }

  private <T> T onLoop(Supplier<Future<T>> action) {
    CompletableFuture<T> done = new CompletableFuture<>();
    loop.runOnContext(v -> action.get().onComplete(done::complete, done::completeExceptionally));
    return done.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void play(Runnable action) {
    onLoop(
        () -> {
          action.run();
          return Future.succeededFuture();
        });
  }

  private Set<String> claims(PlayedNode node) {
    return onLoop(() -> Future.succeededFuture(Set.copyOf(node.claims.keySet())));
  }

  private void deploy(String name) {
    ContainerSpec spec =
        ServerTemplates.read(
            JsonBody.of(new JsonObject().put("name", name).put("image", "i").put("port", 8000)));
    assertThat(await(one.store.add(new ServerRecord(name, spec, 0, null, 1, "admin")))).isTrue();
  }

  private static ContainerSpec container(String claim) {
    return ContainerBody.read(new JsonObject().put("claim_id", claim).put("image", "i"));
  }

  @Test
  void oneHubSeesToModelServersAndTheOtherTakesOver() {
    one.first = true;
    deploy("x");
    play(one.reconciler::start);
    play(two.reconciler::start);
    await().atMost(SOON).until(() -> claims(a).contains("ms-x-1"));
    assertThat(two.events).isEmpty();

    // The hub that did it dies, and then the node.
    play(one.reconciler::close);
    one.first = false;
    two.first = true;
    play(() -> nodes.without("a"));
    await().atMost(SOON).until(() -> claims(b).contains("ms-x-2"));
    assertThat(one.told()).containsExactly("model_server_placed");
    assertThat(two.told()).containsExactly("model_server_moved");

    // What comes back with the node is stale.
    up("a");
    await().atMost(SOON).until(() -> claims(a).isEmpty());
    assertThat(claims(b)).containsExactly("ms-x-2");
  }

  @Test
  void twoHubsThatBothActPlaceItOnceAndRemoveNothingOfEachOthers() {
    deploy("x");
    // The second looks while the first places it.
    two.first = true;
    a.beforeList =
        () -> {
          one.first = true;
          one.reconciler.start();
          Promise<Void> placed = Promise.promise();
          vertx.setPeriodic(
              10,
              timer -> {
                if (a.claims.containsKey("ms-x-1")) {
                  vertx.cancelTimer(timer);
                  placed.tryComplete();
                }
              });
          return placed.future();
        };
    play(two.reconciler::start);
    await().atMost(SOON).until(() -> claims(a).contains("ms-x-1"));
    // Each has looked some more times then.
    int looks = 5;
    for (int i = 0; i < looks; i++) {
      Promise<Void> looked = Promise.promise();
      play(
          () ->
              a.beforeList =
                  () -> {
                    looked.tryComplete();
                    return Future.succeededFuture();
                  });
      await(looked.future());
    }
    assertThat(a.removed).isEmpty();
    assertThat(claims(a)).containsExactly("ms-x-1");
    assertThat(claims(b)).isEmpty();
  }

  @Test
  void aServerThatOneNodeAloneCouldTakeIsAskedOfItUntilItDoes() {
    play(() -> nodes.without("b"));
    a.refuses = Failure.NO_CAPACITY;
    one.first = true;
    deploy("x");
    play(one.reconciler::start);
    // Longer than it may be without a node.
    await().atMost(SOON).until(() -> await(one.store.servers()).get(0).generation() > 1);
    play(() -> a.refuses = null);
    await().atMost(SOON).until(() -> !claims(a).isEmpty());
    assertThat(one.reconciler.reason("x")).isNotEqualTo("null");
  }

  @Test
  void aClaimAskedForAtBothHubsAtOnceIsOneContainer() {
    for (int i = 0; i < 20; i++) {
      String claim = "c-" + i;
      Future<Claimed> first =
          onLoop(() -> Future.succeededFuture(one.placer.place(container(claim))));
      Future<Claimed> second =
          onLoop(() -> Future.succeededFuture(two.placer.place(container(claim))));
      assertThat(await(first).container().nodeId()).isEqualTo(await(second).container().nodeId());
    }
    assertThat(claims(a).size() + claims(b).size()).isEqualTo(20);
  }

  @Test
  void aClaimThatItsNodeHasNotAnyMoreAndCannotTakeGoesToAnother() {
    assertThat(onLoop(() -> one.placer.place(container("c"))).container().nodeId()).isEqualTo("a");
    play(
        () -> {
          a.claims.clear();
          a.refuses = Failure.NO_CAPACITY;
        });
    assertThat(onLoop(() -> two.placer.place(container("c"))).container().nodeId()).isEqualTo("b");
    play(() -> a.refuses = null);
    assertThat(onLoop(() -> one.placer.place(container("c"))).container().nodeId()).isEqualTo("b");
  }

  @Test
  void aClaimStaysWithItsNodeWhileThatBelievesNoCommand() {
    assertThat(onLoop(() -> one.placer.place(container("c"))).container().nodeId()).isEqualTo("a");
    play(() -> a.believes = false);
    assertThatThrownBy(() -> onLoop(() -> one.placer.place(container("c"))))
        .hasRootCauseMessage("does not take this command");
    play(() -> a.believes = true);
    assertThat(onLoop(() -> two.placer.place(container("c"))).container().nodeId()).isEqualTo("a");
    assertThat(claims(b)).isEmpty();
  }
}
