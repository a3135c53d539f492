package io.muster.worker.edge;

import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.http.Admission;
import io.muster.hub.http.HttpObserver;
import io.muster.hub.http.HttpOptions;
import io.muster.hub.http.HttpVerticle;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.DatabaseOptions;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.EdgeSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.job.Jobs;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The near service: the hub's own front door in front of this worker's models, with the fleet's
 * behind them, and sessions of its own under {@code DATA_DIR/edge}.
 */
public final class EdgeFeature implements NodeFeature {
  private static final int SWEEP_MS = 250;

  private final NodeContext node;
  private final OwnModels own;
  private final String hubId;
  private final EdgeDispatch dispatch;
  private Database database;
  private ChatService chats;
  private HttpVerticle http;
  private long timer = -1;

  /**
   * @param own this worker's models and their jobs
   */
  public EdgeFeature(NodeContext node, OwnModels own) {
    this.node = node;
    this.own = own;
    this.hubId = Jobs.nearHub(node.nodeId());
    BooleanSupplier hubIsThere = () -> !node.status().hubs().isEmpty();
    this.dispatch =
        new EdgeDispatch(
            node.nodeId(),
            new OwnJobs(hubId, own, System::nanoTime),
            own,
            node.models()::call,
            new FleetList(node.models()::list, hubIsThere, System::nanoTime),
            hubIsThere,
            System::nanoTime);
  }

  @Override
  public String name() {
    return "edge";
  }

  @Override
  public Future<Void> start() {
    Settings settings = node.settings();
    timer = node.vertx().setPeriodic(SWEEP_MS, id -> dispatch.sweep());
    own.hear(hubId, dispatch::receive);
    return Database.open(
            node.vertx(),
            DatabaseOptions.of(settings.folder(Catalogue.DATA_DIR).resolve("edge"), null))
        .recover(cause -> refuse("DATA_DIR: the near service's sessions cannot be opened", cause))
        .compose(
            opened -> {
              database = opened;
              chats = new ChatService(node.vertx(), database, hubId, chatOptions(), node.clock());
              return chats.start();
            })
        .compose(
            v -> {
              HttpOptions options =
                  HttpOptions.of(
                      settings,
                      settings.get(EdgeSettings.EDGE_HOST),
                      settings.get(EdgeSettings.EDGE_PORT),
                      settings.get(EdgeSettings.EDGE_API_KEYS),
                      settings.get(EdgeSettings.EDGE_JOB_TIMEOUT_MS));
              HttpVerticle server =
                  new HttpVerticle(
                      options,
                      new Admission(options.apiKeys(), options.maxInFlight(), options.maxStreams()),
                      dispatch,
                      dispatch,
                      chats,
                      routes -> {},
                      List.of(),
                      HttpObserver.NONE,
                      node.status().info().version(),
                      node.clock());
              return node.vertx()
                  .deployVerticle(server)
                  .onSuccess(id -> http = server)
                  .recover(
                      cause ->
                          refuse(
                              "EDGE_HOST, EDGE_PORT: the near service cannot listen there", cause));
            })
        .mapEmpty();
  }

  private static <T> Future<T> refuse(String what, Throwable cause) {
    return Future.failedFuture(
        cause instanceof StartRefused ? cause : new StartRefused(what + ": " + cause.getMessage()));
  }

  private ChatOptions chatOptions() {
    ChatOptions usual = ChatOptions.defaults();
    return ChatOptions.of(
        node.settings().get(EdgeSettings.EDGE_SESSION_IDLE_MINUTES),
        usual.contextTokens(),
        usual.maxTurns(),
        usual.systemPrompt(),
        node.settings().get(EdgeSettings.EDGE_JOB_TIMEOUT_MS));
  }

  @Override
  public Future<Void> stop() {
    node.vertx().cancelTimer(timer);
    return (http == null
            ? Future.<Void>succeededFuture()
            : node.vertx().undeploy(http.deploymentID()))
        .eventually(() -> chats == null ? Future.succeededFuture() : chats.close())
        .eventually(() -> database == null ? Future.succeededFuture() : database.close());
  }

  @Override
  public boolean servesAlone() {
    return true;
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(
        HealthCheck.of(
            "near-service",
            () ->
                http == null
                    ? Finding.degraded("does not listen yet")
                    : node.status().hubs().isEmpty()
                        ? Finding.degraded("no hub is there: only this node's own models answer")
                        : Finding.healthy(null)));
  }

  @Override
  public JsonObject info() {
    return new JsonObject()
        .put("port", http == null ? null : http.port())
        .put("running", dispatch.running())
        .put("from_own_providers", dispatch.fromOwn())
        .put("from_the_fleet", dispatch.fromFleet());
  }
}
