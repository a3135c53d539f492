package io.muster.worker.api;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.ops.Access;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.ListenAddress;
import io.muster.runtime.settings.NodeApiSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.net.BindException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's own REST API: makes or reads its token, finds a port, and serves what the features
 * bring. Starts after them.
 */
public final class NodeApiFeature implements NodeFeature {
  private static final Logger log = LoggerFactory.getLogger(NodeApiFeature.class);

  private final NodeContext node;
  private final List<? extends NodeFeature> features;
  private final ListenAddress wanted;
  private HttpServer server;
  private boolean elsewhere;

  /**
   * @param features those that start before; the ones among them that are {@link NodeRoutes} are
   *     mounted
   */
  public NodeApiFeature(NodeContext node, List<? extends NodeFeature> features) {
    this.node = node;
    this.features = List.copyOf(features);
    this.wanted = node.settings().get(NodeApiSettings.NODE_API_LISTEN);
  }

  @Override
  public String name() {
    return "api";
  }

  @Override
  public Future<Void> start() {
    return node.vertx()
        .executeBlocking(this::token, false)
        .compose(
            token -> {
              ApiServer api =
                  new ApiServer(
                      node,
                      Access.tokens(List.of(token)),
                      node.settings().get(NodeApiSettings.NODE_API_MAX_BODY_BYTES));
              features.forEach(
                  feature -> {
                    if (feature instanceof NodeRoutes routes) {
                      api.mount(routes);
                    }
                  });
              return api.listen(wanted).recover(cause -> otherwise(api, cause));
            })
        .onSuccess(
            listening -> {
              server = listening;
              log.info("the node's API listens at {}", address());
            })
        .mapEmpty();
  }

  /** Two workers on one machine share the default: the second one takes what is free. */
  private Future<HttpServer> otherwise(ApiServer api, Throwable cause) {
    if (!(cause instanceof BindException)
        || node.settings().isSet(NodeApiSettings.NODE_API_LISTEN)) {
      return Future.failedFuture(
          new StartRefused(
              "NODE_API_LISTEN="
                  + wanted
                  + " ("
                  + node.settings().source(NodeApiSettings.NODE_API_LISTEN).label()
                  + "): cannot listen there: "
                  + cause.getMessage()
                  + "; set another address, port 0 for any free one, or NODE_API=false",
              cause));
    }
    elsewhere = true;
    log.warn(
        "port {} is taken, by another worker perhaps: the node's API takes a free one instead",
        wanted.port());
    return api.listen(new ListenAddress(wanted.host(), 0));
  }

  private String token() {
    Settings settings = node.settings();
    Optional<String> given = settings.find(NodeApiSettings.NODE_API_TOKEN);
    return given.orElseGet(() -> ApiToken.of(settings.folder(Catalogue.DATA_DIR)));
  }

  @Override
  public Future<Void> stop() {
    return server == null ? Future.succeededFuture() : server.close();
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(
        HealthCheck.of(
            "api",
            () ->
                Finding.healthy(
                    elsewhere
                        ? "the port that was meant is taken: listens at another, which /info tells"
                        : null)));
  }

  /** Where it listens; the token stays where it is kept. */
  @Override
  public JsonObject info() {
    return server == null ? null : new JsonObject().put("address", address());
  }

  private String address() {
    return new ListenAddress(wanted.host(), server.actualPort()).toString();
  }
}
