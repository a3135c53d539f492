package io.muster.hub.node;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What node records promise, whatever the database. */
abstract class NodeRecordsContract {
  private static final NodeStats BUSY = new NodeStats(3, 100, 2, 1, 12.5);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private TestDatabase home;
  private Database database;
  private NodeRecords records;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
    records = new NodeRecords(vertx, database, 60_000);
  }

  @AfterEach
  void close() {
    if (records == null) {
      await(vertx.close());
      return;
    }
    await(onLoop(records::close));
    await(database.close());
    await(vertx.close());
    home.close();
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }

  private void save(NodeRecord record) {
    await(onLoop(() -> records.save(record)));
  }

  private List<NodeRecord> list() {
    return await(onLoop(records::list));
  }

  private static NodeInfo info(String id, String name) {
    return new NodeInfo(
        id,
        "instance-1",
        "member-1",
        name,
        "Zürich",
        NodeType.COMPANION,
        "0.1.0",
        1_000,
        List.of("chat"),
        List.of(ToolInfo.named("search")),
        List.of(new ModelInfo("m", "demo", "muster", 5, 8192)),
        Map.of("tone", "kind", "likes", List.of("tea", 2)),
        "http://127.0.0.1:3001",
        new NodeInfo.Ips(List.of("10.0.0.1"), null),
        4,
        new NodeInfo.Resources(2, 1L << 33, 1L << 40),
        Map.of("rack", "7"));
  }

  @Test
  void aNodeComesBackAsItWas() {
    NodeRecord record =
        new NodeRecord(info("n1", "Ada \u0000"), NodeState.ONLINE, 2_000, 3_000, BUSY);
    save(record);
    assertThat(list()).containsExactly(record);

    NodeRecord again =
        new NodeRecord(info("n1", null), NodeState.OFFLINE, 4_000, 5_000, NodeStats.NONE);
    save(again);
    assertThat(list()).containsExactly(again);
  }

  @Test
  void nodesAreListedInTheOrderTheyFirstCame() {
    save(new NodeRecord(info("z", "z"), NodeState.ONLINE, 1_000, 1_000, NodeStats.NONE));
    save(new NodeRecord(info("a", "a"), NodeState.ONLINE, 2_000, 2_000, NodeStats.NONE));
    save(new NodeRecord(info("z", "z"), NodeState.ONLINE, 9_000, 9_000, NodeStats.NONE));

    assertThat(list()).extracting(record -> record.info().id()).containsExactly("z", "a");
  }

  @Test
  void heartbeatsAreWrittenTogetherAndNeverBackwards() {
    NodeInfo info = info("n1", "Ada");
    save(new NodeRecord(info, NodeState.ONLINE, 1_000, 1_000, NodeStats.NONE));
    for (int i = 1; i <= 50; i++) {
      NodeRecord beat = new NodeRecord(info, NodeState.BUSY, 1_000, 1_000 + i, BUSY);
      vertx.runOnContext(v -> records.note(beat));
    }
    assertThat(list()).extracting(NodeRecord::lastHeartbeat).containsExactly(1_000L);

    await(onLoop(records::writeNoted));
    NodeRecord latest = new NodeRecord(info, NodeState.BUSY, 1_000, 1_050, BUSY);
    assertThat(list()).containsExactly(latest);

    NodeRecord old = new NodeRecord(info, NodeState.ONLINE, 1_000, 1_020, NodeStats.NONE);
    vertx.runOnContext(v -> records.note(old));
    await(onLoop(records::writeNoted));
    assertThat(list()).containsExactly(latest);
  }

  @Test
  void heartbeatsAreWrittenByThemselvesAndAtTheClose() {
    NodeInfo info = info("n1", "Ada");
    NodeRecords eager = new NodeRecords(vertx, database, 20);
    await(
        onLoop(
            () ->
                eager.save(new NodeRecord(info, NodeState.ONLINE, 1_000, 1_000, NodeStats.NONE))));
    vertx.runOnContext(v -> eager.note(new NodeRecord(info, NodeState.BUSY, 1_000, 2_000, BUSY)));
    Awaitility.await()
        .atMost(5, TimeUnit.SECONDS)
        .until(() -> list().get(0).lastHeartbeat() == 2_000);
    await(onLoop(eager::close));

    vertx.runOnContext(v -> records.note(new NodeRecord(info, NodeState.BUSY, 1_000, 3_000, BUSY)));
    await(onLoop(records::close));
    assertThat(list().get(0).lastHeartbeat()).isEqualTo(3_000);
  }

  @Test
  void savesOfOneNodeKeepTheirOrderAndTwoHubsMaySaveAtOnce() {
    NodeRecords other = new NodeRecords(vertx, database, 60_000);
    List<Future<Void>> all = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      NodeRecord record =
          new NodeRecord(info("n1", "run " + i), NodeState.ONLINE, i, i, NodeStats.NONE);
      all.add(onLoop(() -> records.save(record)));
      all.add(
          onLoop(
              () ->
                  other.save(
                      new NodeRecord(
                          info("n" + record.registeredAt() % 3, "x"),
                          NodeState.ONLINE,
                          1,
                          1,
                          NodeStats.NONE))));
    }
    await(Future.all(all));
    save(new NodeRecord(info("n1", "last"), NodeState.ONLINE, 99, 99, NodeStats.NONE));
    assertThat(list()).hasSize(3).anyMatch(record -> "last".equals(record.info().name()));
    await(onLoop(other::close));
  }

  @Test
  void aNodeCanBeForgotten() {
    save(new NodeRecord(info("n1", "Ada"), NodeState.ONLINE, 1_000, 1_000, NodeStats.NONE));
    assertThat(await(onLoop(() -> records.delete("n1")))).isTrue();
    assertThat(await(onLoop(() -> records.delete("n1")))).isFalse();
    assertThat(list()).isEmpty();
  }
}
