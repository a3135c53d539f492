package io.muster.hub;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.hub.chat.ChatService;
import io.muster.hub.companion.Companions;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.HttpVerticle;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.metrics.HubMetrics;
import io.muster.hub.node.Node;
import io.muster.hub.node.NodeEvents;
import io.muster.hub.node.NodeRecord;
import io.muster.hub.node.NodeRecords;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.NodeVerticle;
import io.muster.hub.node.RemoteNode;
import io.muster.hub.storage.Database;
import io.muster.hub.task.Tasks;
import io.muster.node.HubMessage;
import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.cluster.MemberListener;
import io.muster.runtime.cluster.SubscriptionWatch;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.EventSettings;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.system.SystemSampler;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A hub process: everything it is made of, in the order in which it starts. */
public final class Hub implements NodeEvents {
  private static final Logger log = LoggerFactory.getLogger(Hub.class);
  private static final long RECORD_EVERY_MS = 10_000;
  private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(5);

  private final Settings settings;
  private final HubConfig config;
  private final Cluster cluster;
  private final Vertx vertx;
  private final Bus bus;
  private final Clock clock = Clock.systemUTC();
  private final BuildInfo build = BuildInfo.of(Hub.class);
  private final long startedAt = clock.millis();
  private final String hubId;
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Events events;
  private final HubContext context;
  private final NodeRegistry registry;
  private final FleetSnapshot fleet;
  private final ModelCatalogue models;
  private final Companions companions;
  private final HubMetrics metrics;
  private final Dispatching dispatching;
  private SubscriptionWatch watch;
  private Database database;
  private ChatService chat;
  private Tasks tasks;
  private Offering offering;
  private NodeRecords records;
  private Entitlements entitlements;
  private Joining joining;
  private Oversight oversight;
  private SystemSampler sampler;
  private Operations operations;
  private HttpVerticle http;
  private boolean stopping;

  private Hub(Settings settings, Cluster cluster) {
    this.settings = settings;
    this.config = new HubConfig(settings);
    this.cluster = cluster;
    this.vertx = cluster.vertx();
    this.bus = new Bus(vertx);
    this.hubId = HubMessage.hubId(cluster.memberId());
    this.registry = new NodeRegistry(hubId, config.registry(), clock, System::nanoTime, this);
    this.events = new Events(hubId, event -> bus.publish(Addresses.EVENTS, event), clock);
    this.context =
        new HubContext(settings, config, cluster, bus, hubId, build, events, meters, clock);
    this.models = new FleetModels(registry, settings.find(Catalogue.DEFAULT_MODEL).orElse(null));
    this.fleet = new FleetSnapshot(registry, this::queued, clock);
    this.companions =
        new Companions(
            fleet, bus, Duration.ofMillis(settings.get(EventSettings.COMPANION_REPLY_TIMEOUT_MS)));
    this.metrics = new HubMetrics(meters, fleet, System::nanoTime, clock);
    this.dispatching = new Dispatching(context, registry, metrics);
  }

  /**
   * Joins the cluster, opens the database and listens.
   *
   * @return the hub, once clients can be sent to it
   */
  public static Future<Hub> start(Settings settings) {
    Future<Cluster> joined = Cluster.join(settings);
    Bus.prepare();
    return joined
        // Not on the event loop: loading all its classes takes a while.
        .compose(
            cluster ->
                cluster
                    .vertx()
                    .executeBlocking(
                        () -> {
                          HubConfig.makeDataFolder(settings);
                          return new Hub(settings, cluster);
                        },
                        false))
        .compose(
            hub ->
                hub.onEventLoop(hub::deploy)
                    .map(hub)
                    .recover(cause -> hub.stop().transform(v -> Future.failedFuture(cause))));
  }

  private <T> Future<T> onEventLoop(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    // Within compose: what it throws is its failure, too.
    vertx
        .getOrCreateContext()
        .runOnContext(v -> Future.succeededFuture().compose(x -> action.get()).onComplete(done));
    return done.future();
  }

  private Future<Void> deploy() {
    cluster.listen(membership());
    sampler =
        SystemSampler.start(
            vertx,
            settings.folder(Catalogue.DATA_DIR),
            clock,
            Duration.ofMillis(settings.get(Catalogue.METRICS_INTERVAL_MS)),
            sample -> {});
    Future<Database> opening = Database.open(vertx, config.database());
    return SubscriptionWatch.start(
            cluster, bus, Duration.ofMillis(settings.get(Catalogue.WATCHDOG_INTERVAL_MS)))
        .onSuccess(started -> watch = started)
        .compose(started -> opening)
        .compose(
            opened -> {
              database = opened;
              chat = new ChatService(vertx, database, hubId, config.chat(), clock);
              records = new NodeRecords(vertx, database, RECORD_EVERY_MS);
              joining = new Joining(context, database, registry, watch::watch, this::tellNodes);
              entitlements =
                  new Entitlements(
                      context, database, registry, nodeId -> oversight.tags().of(nodeId));
              dispatching.forNodes(entitlements.admission(), models);
              return chat.start();
            })
        .compose(v -> joining.publishKeys())
        .compose(v -> entitlements.start(watch::watch))
        .compose(v -> records.list())
        .onSuccess(this::recall)
        .compose(
            v ->
                Oversight.start(
                    context,
                    database,
                    registry,
                    records,
                    fleet,
                    joining.orders(fleet),
                    watch::watch))
        .compose(
            started -> {
              oversight = started;
              tasks =
                  new Tasks(
                      vertx,
                      bus,
                      database,
                      hubId,
                      config.tasks(),
                      new Tasks.Fleet(registry::takers, this::node, oversight.tags()::of),
                      events,
                      meters,
                      clock);
              offering =
                  new Offering(
                      context,
                      database,
                      registry,
                      fleet,
                      oversight.tags(),
                      joining.orders(fleet),
                      tasks);
              return tasks.start(watch::watch);
            })
        .compose(v -> offering.start(watch::watch))
        .onSuccess(v -> joining.serve(socketFeatures()))
        .compose(v -> dispatching.start(watch::watch))
        .compose(
            v ->
                vertx.deployVerticle(
                    new NodeVerticle(
                        hubId, build.version(), bus, registry, joining.gate(), watch::watch)))
        .compose(v -> joining.start())
        .compose(v -> dispatching.startCalls(watch::watch))
        .compose(
            v -> {
              operations =
                  new Operations(
                      context,
                      startedAt,
                      fleet,
                      sampler,
                      database,
                      watch,
                      metrics,
                      meters,
                      () -> stopping);
              operations.start();
              http =
                  new HttpVerticle(
                      config.http(),
                      entitlements.admission(),
                      dispatching.dispatcher(),
                      models,
                      chat,
                      operations::routes,
                      features(),
                      operations.observer(),
                      build.version(),
                      clock);
              return vertx.deployVerticle(http.companions(companions).tools(offering.chats()));
            })
        .onSuccess(
            v -> {
              log.info("{} is ready, {}", hubId, database.describe());
              events.emit("hub_started", Map.of("hubId", hubId, "version", build.version()));
            })
        .mapEmpty();
  }

  /** What adds routes of its own. */
  private List<ApiRoutes> features() {
    List<ApiRoutes> features = new ArrayList<>(joining.routes(oversight.guard()));
    features.add(tasks.routes(oversight.guard()));
    features.add(entitlements.routes(oversight.guard()));
    features.addAll(oversight.routes());
    features.add(companions);
    features.addAll(offering.routes(oversight.guard()));
    return features;
  }

  /** What is done with nodes that speak JSON over a socket. */
  private List<SocketFeature> socketFeatures() {
    return List.of(
        tasks.socket(), dispatching.socket(), companions.socket(), joining.socketCommands());
  }

  private Node node(String nodeId) {
    return registry.find(nodeId).map(RemoteNode::snapshot).orElse(null);
  }

  Vertx vertx() {
    return vertx;
  }

  /** The port that clients connect to. */
  public int port() {
    return http.port();
  }

  /**
   * Takes nothing new, finishes what runs within {@code SHUTDOWN_TIMEOUT_MS}, leaves.
   *
   * @return always succeeds
   */
  public Future<Void> stop() {
    stopping = true;
    if (offering != null) {
      offering.close();
    }
    // A future of no context: the event loop is gone when the cluster has been left.
    Promise<Void> stopped = Promise.promise();
    Future<Void> answered =
        http == null ? Future.succeededFuture() : vertx.undeploy(http.deploymentID());
    // What runs on nodes at the sockets is to end well; then they go, since the server waits for
    // them too.
    dispatching
        .onceIdle(Duration.ofMillis(settings.get(Catalogue.SHUTDOWN_TIMEOUT_MS)))
        .eventually(() -> ending(joining, Joining::closeSockets))
        .eventually(() -> answered)
        .eventually(() -> ending(chat, ChatService::close))
        .eventually(() -> ending(tasks, Tasks::close))
        .eventually(() -> ending(entitlements, Entitlements::close))
        .eventually(() -> ending(operations, Operations::stopLooking))
        .eventually(() -> ending(oversight, Oversight::closeEvents))
        .eventually(() -> ending(records, NodeRecords::close))
        .eventually(() -> ending(joining, Joining::close))
        .eventually(() -> ending(database, Database::close))
        .onComplete(
            done -> {
              if (operations != null) {
                operations.close();
              }
              if (oversight != null) {
                oversight.close();
              }
              if (watch != null) {
                watch.stop();
              }
              stopped.complete();
            });
    return stopped.future().compose(v -> cluster.leave(LEAVE_TIMEOUT));
  }

  /** What was not started yet needs no end. */
  private static <T> Future<Void> ending(T part, Function<T, Future<Void>> end) {
    return part == null ? Future.succeededFuture() : end.apply(part);
  }

  @Override
  public void lost(RemoteNode node, String why) {
    dispatching.nodeLost(node, why);
    if (tasks != null) {
      tasks.nodeLost(node.id(), why);
    }
  }

  @Override
  public void available(RemoteNode node) {
    dispatching.nodeAvailable();
    if (tasks != null) {
      tasks.nodesChanged();
    }
  }

  @Override
  public void tellNodes(HubMessage message) {
    bus.publish(Addresses.NODES, (Record) joining.vouch(message));
  }

  @Override
  public void changed(RemoteNode node) {
    if (stopping) {
      // The next start takes every node for offline until it speaks.
      return;
    }
    oversight.changed(node.id());
    records
        .save(NodeRecord.of(node))
        .onFailure(cause -> log.warn("node {} is not recorded: {}", node.id(), cause.toString()));
  }

  @Override
  public void heard(RemoteNode node) {
    records.note(NodeRecord.of(node));
  }

  private void recall(List<NodeRecord> recorded) {
    recorded.forEach(
        record -> registry.recall(record.info(), record.registeredAt(), record.lastHeartbeat()));
  }

  private int queued() {
    return dispatching.queued();
  }

  private MemberListener membership() {
    return new MemberListener() {
      @Override
      public void joined(String memberId) {
        // Its node says so itself when it registers.
      }

      @Override
      public void left(String memberId) {
        registry.memberGone(memberId);
        if (oversight != null) {
          oversight.memberGone();
        }
      }
    };
  }
}
