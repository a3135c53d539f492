package io.muster.hub.history;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.events.TestGuard;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.http.FeatureHub;
import io.muster.hub.storage.TestDatabase;
import io.muster.metric.Sample;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the history of nodes' figures promises, whatever the database. */
abstract class NodeHistoryContract {
  private static final long START = 1_795_200_000_000L;
  private static final List<Tier> TIERS =
      List.of(new Tier(10, Duration.ofHours(1)), new Tier(60, Duration.ofDays(1)));

  private final SomeNodes fleet = new SomeNodes();
  private final Now clock = new Now();
  private final AtomicBoolean writes = new AtomicBoolean(true);
  private FeatureHub hub;
  private HistoryStore store;
  private NodeHistory history;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    hub =
        new FeatureHub(
            create(),
            (vertx, database) -> {
              store = new HistoryStore(database);
              history = another(3);
              return Future.succeededFuture(
                  List.of(new HistoryRoutes(history, fleet, new TestGuard(), clock)));
            });
  }

  private NodeHistory another(int maxNodes) {
    return new NodeHistory(null, TIERS, maxNodes, store, fleet, writes::get, clock);
  }

  @AfterEach
  void close() {
    if (hub != null) {
      hub.close();
    }
  }

  /** A look at the node every five seconds, for so long. */
  private void pass(NodeHistory taker, String id, int seconds, double cpu) {
    await(
        hub.onLoop(
            () -> {
              for (int i = 0; i < seconds; i += 5) {
                clock.at.addAndGet(5_000);
                fleet.with(node(id, cpu, clock.millis()));
                taker.look();
              }
              return taker.write();
            }));
  }

  private static NodeView node(String id, double cpu, long at) {
    Sample s = SomeNodes.SAMPLE;
    Sample sample =
        new Sample(
            at,
            4,
            cpu,
            s.load(),
            8_000,
            4_000,
            0,
            0,
            100,
            60,
            0,
            0,
            5,
            -1,
            200,
            1,
            1,
            1,
            10,
            20,
            s.disks(),
            s.temperatures(),
            s.gpus(),
            List.of());
    NodeView view = SomeNodes.online(id, "m");
    return new NodeView(
        view.info(),
        view.state(),
        view.cause(),
        view.stateSince(),
        view.registeredAt(),
        at,
        false,
        null,
        view.active(),
        view.stats(),
        sample);
  }

  private JsonObject ask(String id, String query) {
    FeatureHub.Reply reply =
        hub.send("GET", "/api/admin/nodes/" + id + "/history" + query, TestGuard.VIEWER, null);
    assertThat(reply.status()).as(reply.body().encode()).isEqualTo(200);
    return reply.body();
  }

  private static List<JsonArray> points(JsonObject answer, String metric) {
    return answer.getJsonObject("metrics").getJsonArray(metric).stream()
        .map(JsonArray.class::cast)
        .collect(Collectors.toList());
  }

  @Test
  void tellsMeanAndMostOfEveryTenSeconds() {
    pass(history, "w", 10, .2);
    pass(history, "w", 5, .8);
    pass(history, "w", 10, .4);

    JsonObject answer = ask("w", "?metric=cpu,memory,gpu.0.power");

    assertThat(answer.getInteger("step")).isEqualTo(10);
    // What was looked at after 5 s; after 10 and 15; after 20 and 25.
    assertThat(points(answer, "cpu"))
        .containsExactly(
            new JsonArray().add(START).add(.2).add(.2),
            new JsonArray().add(START + 10_000).add(.5).add(.8),
            new JsonArray().add(START + 20_000).add(.4).add(.4));
    assertThat(points(answer, "memory")).hasSize(3).allMatch(point -> point.getDouble(1) == .5);
    assertThat(points(answer, "gpu.0.power")).allMatch(point -> point.getDouble(2) == 200);
  }

  @Test
  void tellsLongTimesMoreCoarsely() {
    pass(history, "w", 600, .5);
    clock.at.addAndGet(3_600_000);

    JsonObject answer = ask("w", "?from=" + START + "&metric=cpu");
    assertThat(answer.getInteger("step")).isEqualTo(60);
    assertThat(points(answer, "cpu")).hasSize(11);

    assertThat(ask("w", "?step=300&from=" + START).getInteger("step")).isEqualTo(300);
    assertThat(points(ask("w", "?step=300&from=" + START), "cpu")).hasSize(3);
  }

  @Test
  void anotherHubGoesOnWhereTheWriterStopped() {
    NodeHistory other = another(3);
    pass(history, "w", 20, .5);
    // The second one has taken down what the first one wrote, too.
    clock.at.set(START);
    pass(other, "w", 20, .5);
    pass(other, "w", 20, .5);

    assertThat(kept("w", 10, START, START + 60_000))
        .containsExactly(START, START + 10_000, START + 20_000, START + 30_000);
  }

  @Test
  void aHubThatIsNotTheWriterWritesNothing() {
    writes.set(false);
    pass(history, "w", 60, .5);
    assertThat(kept("w", 10, START, START + 60_000)).isEmpty();

    writes.set(true);
    pass(history, "w", 20, .5);
    assertThat(kept("w", 10, START, START + 90_000)).hasSize(2);
  }

  @Test
  void figuresAreForgottenByTheirResolutionsAge() {
    pass(history, "w", 120, .5);
    clock.at.addAndGet(Duration.ofHours(1).toMillis());

    assertThat(await(store.forget(TIERS, clock.millis()))).isEqualTo(12);
    assertThat(kept("w", 10, 0, Long.MAX_VALUE)).isEmpty();
    assertThat(kept("w", 60, 0, Long.MAX_VALUE)).hasSize(2);
  }

  @Test
  void muchIsForgottenASliceAtATime() {
    pass(history, "w", 1_000, .5);
    clock.at.addAndGet(Duration.ofHours(1).toMillis());

    // Twenty steps each.
    assertThat(await(store.forget(TIERS, clock.millis()))).isEqualTo(100);
    assertThat(kept("w", 10, 0, Long.MAX_VALUE)).isEmpty();
    assertThat(kept("w", 60, 0, Long.MAX_VALUE)).hasSize(16);
  }

  @Test
  void whatIsKeptNoLongerIsForgottenToo() {
    pass(history, "w", 120, .5);
    List<Tier> now = List.of(new Tier(10, Duration.ZERO), TIERS.get(1));
    assertThat(await(store.forget(now, clock.millis()))).isEqualTo(12);

    NodeHistory other = new NodeHistory(null, now, 3, store, fleet, writes::get, clock);
    assertThat(other.tiers()).containsExactly(TIERS.get(1));
  }

  /** When the rows of a resolution begin. */
  private Set<Long> kept(String id, int step, long from, long to) {
    return await(
            store.read(
                new HistoryStore.Question(id, step, from, to, step * 1000L, Set.of("cpu")),
                List.of()))
        .keySet();
  }

  @Test
  void ofMoreNodesThanAllowedTheFirstAreKept() {
    for (String id : List.of("a", "b", "c", "d")) {
      pass(history, id, 20, .5);
    }
    // Of the last one nothing, until one of the others is gone.
    assertThat(points(ask("a", ""), "cpu")).isNotEmpty();
    assertThat(points(ask("d", ""), "cpu")).isEmpty();
  }

  @Test
  void aNodeThatIsSilentLeavesAGap() {
    pass(history, "w", 20, .5);
    clock.at.addAndGet(60_000);
    // The sample is the same: nothing new is known.
    await(
        hub.onLoop(
            () -> {
              history.look();
              return history.write();
            }));
    pass(history, "w", 20, .5);

    assertThat(points(ask("w", ""), "cpu"))
        .extracting(point -> (point.getLong(0) - START) / 1000)
        .containsExactly(0L, 10L, 20L, 80L, 90L, 100L);
  }

  @Test
  void wrongQuestionsAreAnsweredWithWhatWouldBeRight() {
    pass(history, "w", 10, .5);
    refused(400, "?metric=cpus", "network_receive");
    refused(400, "?from=5&to=5", "'from' has to be before 'to'");
    refused(400, "?step=0", "'step'");
    refused(400, "?step=10&from=0", "at least");
    assertThat(hub.send("GET", "/api/admin/nodes/none/history", TestGuard.VIEWER, null).status())
        .isEqualTo(404);
    assertThat(hub.send("GET", "/api/admin/nodes/w/history", null, null).status()).isEqualTo(401);
  }

  private void refused(int status, String query, String says) {
    FeatureHub.Reply reply =
        hub.send("GET", "/api/admin/nodes/w/history" + query, TestGuard.VIEWER, null);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.body().encode()).contains(says);
  }

  /** A clock that stands still until it is set. */
  private static final class Now extends Clock {
    private final AtomicLong at = new AtomicLong(START);

    @Override
    public long millis() {
      return at.get();
    }

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(at.get());
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
