package io.muster.hub;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.hub.http.HttpObserver;
import io.muster.hub.metrics.HubMetrics;
import io.muster.hub.ops.ClusterStatus;
import io.muster.hub.ops.ExpectedWorkers;
import io.muster.hub.ops.HubHealth;
import io.muster.hub.ops.HubView;
import io.muster.hub.ops.OpsApi;
import io.muster.hub.storage.Database;
import io.muster.runtime.cluster.SubscriptionWatch;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.SettingsJson;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.system.SystemSampler;
import io.vertx.core.Future;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What the hub tells its operators: health, metrics, and which workers are missing. */
final class Operations {
  private final HubMetrics metrics;
  private final ExpectedWorkers expected;
  private final OpsApi api;

  /**
   * @param startedAt in milliseconds since 1970
   * @param stopping whether nothing new is taken any more
   */
  Operations(
      HubContext hub,
      long startedAt,
      FleetSnapshot fleet,
      SystemSampler sampler,
      Database database,
      SubscriptionWatch watch,
      HubMetrics metrics,
      PrometheusMeterRegistry meters,
      BooleanSupplier stopping) {
    this.metrics = metrics;
    this.expected =
        new ExpectedWorkers(
            hub.vertx(),
            hub.settings().get(Catalogue.WORKERS).stream().map(URI::toString).toList(),
            Duration.ofMillis(hub.settings().get(Catalogue.HEALTH_CHECK_INTERVAL_MS)),
            fleet,
            hub.clock());
    HubView view =
        new HubView(
            hub.hubId(),
            hub.build(),
            startedAt,
            fleet,
            expected,
            () -> sampler.latest().orElse(null),
            LoopLag.start(hub.vertx()),
            hub.clock());
    this.api =
        new OpsApi(
            hub.vertx(),
            view,
            new HubHealth(
                hub.vertx(),
                view,
                database::ping,
                () -> ClusterStatus.of(hub.cluster(), watch),
                hub.settings().folder(Catalogue.DATA_DIR),
                stopping),
            meters,
            metrics,
            () -> SettingsJson.of(hub.settings()),
            hub.config().api(),
            hub.config().readers());
  }

  /** Looks for the workers that are to be there, from now on. */
  void start() {
    expected.start();
  }

  void routes(Router router) {
    api.routes(router);
  }

  /** Counts what clients are answered. */
  HttpObserver observer() {
    return new HttpObserver() {
      @Override
      public void answered(int status, long elapsedNanos) {
        metrics.httpResponded(status);
      }

      @Override
      public void connected() {
        metrics.httpConnected();
      }

      @Override
      public void disconnected() {
        metrics.httpDisconnected();
      }
    };
  }

  /** Looks for them no longer. */
  Future<Void> stopLooking() {
    return expected.stop();
  }

  void close() {
    api.close();
  }
}
