package io.muster.hub.admin;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.event.Events;
import io.muster.hub.FleetSnapshot;
import io.muster.hub.auth.Administrators;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.NodeEvents;
import io.muster.hub.node.NodeRecord;
import io.muster.hub.node.NodeRecords;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.HubMessage;
import io.muster.node.ModelInfo;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** All of administration on one Vert.x, with nodes that a test plays on the bus. */
public final class AdminParts implements NodeEvents {
  public static final String PASSWORD = "a password of tests";
  static final long TIMEOUT_MS = 500;

  final List<String> events = new CopyOnWriteArrayList<>();
  final List<String> lost = new CopyOnWriteArrayList<>();
  final Bus bus;
  final NodeRegistry registry;
  final FleetView fleet;
  final NodeRecords records;
  private final Vertx vertx;
  private final Database database;
  private Administrators administrators;
  private Administration administration;

  public AdminParts(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
    bus = new Bus(vertx);
    registry =
        new NodeRegistry(
            "hub-test",
            new NodeRegistry.Options(1_000, 600_000, 5, 1_000, 60_000),
            Clock.systemUTC(),
            System::nanoTime,
            this);
    fleet = new FleetSnapshot(registry, () -> 0, Clock.systemUTC());
    records = new NodeRecords(vertx, database, 60_000);
  }

  /** Of this Vert.x, which takes only one. */
  public Bus bus() {
    return bus;
  }

  public Future<List<ApiRoutes>> start(Path folder) {
    Clock clock = Clock.systemUTC();
    Events emitted = new Events("hub-test", event -> events.add(event.type()), clock);
    return Administrators.start(
            vertx,
            database,
            new Administrators.Options(
                Optional.of(PASSWORD), Optional.empty(), 600_000, 600_000, 5, 60_000, 30, folder),
            emitted,
            clock)
        .compose(
            started -> {
              administrators = started;
              administration =
                  new Administration(
                      "hub-test",
                      vertx,
                      bus,
                      database,
                      registry,
                      records,
                      fleet,
                      started,
                      emitted,
                      clock,
                      NodeOrders.over(
                          bus, Duration.ofMillis(TIMEOUT_MS), (id, command) -> (Record) command),
                      500);
              return administration.start(registration -> {});
            })
        .map(v -> administration.routes());
  }

  public Future<Void> close() {
    administration.close();
    administrators.close();
    return records.close();
  }

  NodeTags tags() {
    return administration.tags();
  }

  /** A node comes, and answers commands so. */
  Future<List<NodeCommand>> join(
      String id, Function<NodeCommand, Future<? extends Record>> answers) {
    List<NodeCommand> heard = new CopyOnWriteArrayList<>();
    Inbox inbox =
        new Inbox()
            .serve(
                NodeCommand.class,
                command -> {
                  heard.add(command);
                  return answers.apply(command);
                });
    return bus.open(Addresses.node(id), inbox)
        .map(
            opened -> {
              register(id, "1");
              return heard;
            });
  }

  /** A node comes, and does what it is told. */
  public List<NodeCommand> join(String id) {
    Promise<List<NodeCommand>> joined = Promise.promise();
    vertx.runOnContext(v -> join(id, AdminParts::obey).onComplete(joined));
    return TestDatabase.await(joined.future());
  }

  static Future<? extends Record> obey(NodeCommand command) {
    if (command instanceof NodeCommand.PingNode) {
      return Future.succeededFuture(new NodeAnswer.Pong("w1", "1", false, NodeStats.NONE));
    }
    if (command instanceof NodeCommand.FetchLogs wanted) {
      return Future.succeededFuture(
          new NodeAnswer.LogPage(
              List.of(
                  new NodeAnswer.LogLine(
                      7, wanted.level(), "L", "t", null, "limit " + wanted.limit(), null)),
              0));
    }
    if (command instanceof NodeCommand.ApplyConfig config) {
      return Future.succeededFuture(
          new NodeAnswer.ConfigOutcome(
              config.version(),
              "http://wrong".equals(config.values().get("OLLAMA_URL")) ? "not there" : null));
    }
    return Future.succeededFuture(Ack.OK);
  }

  void register(String id, String instance) {
    registry.receive(new NodeMessage.Register(info(id, instance)));
  }

  static NodeInfo info(String id, String instance) {
    return new NodeInfo(
        id,
        instance,
        null,
        "Node " + id,
        null,
        id.startsWith("c") ? NodeType.COMPANION : NodeType.WORKER,
        "1.0",
        1,
        List.of("chat"),
        List.of(ToolInfo.named("echo")),
        List.of(new ModelInfo("m1", "demo", null, 0, 0)),
        null,
        "http://127.0.0.1:1",
        new NodeInfo.Ips(List.of("10.0.0.1"), null),
        4,
        new NodeInfo.Resources(2, 3, 4),
        Map.of("rack", "7"));
  }

  @Override
  public void lost(RemoteNode node, String why) {
    lost.add(node.id());
  }

  @Override
  public void available(RemoteNode node) {}

  @Override
  public void tellNodes(HubMessage message) {}

  @Override
  public void changed(RemoteNode node) {
    records.save(NodeRecord.of(node));
    fleet.node(node.id()).filter(NodeView::isUp).ifPresent(administration::online);
  }

  @Override
  public void heard(RemoteNode node) {}
}
