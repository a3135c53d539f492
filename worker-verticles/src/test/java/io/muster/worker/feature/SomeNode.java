package io.muster.worker.feature;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Bus;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.metric.Sample;
import io.muster.node.NodeInfo;
import io.muster.runtime.health.Health;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthReport;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.ops.WorkerStatus;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A worker's process without a worker, for the tests of its parts. */
public final class SomeNode implements WorkerStatus {
  public final List<ClusterEvent> events = new CopyOnWriteArrayList<>();
  public final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  public volatile Sample sample;
  public final List<HealthCheck> health = new CopyOnWriteArrayList<>();

  private final Vertx vertx;
  private final Bus bus;
  private final Path dataDir;
  private final Map<String, String> env = new HashMap<>();

  public SomeNode(Vertx vertx, Path dataDir) {
    this.vertx = vertx;
    this.bus = new Bus(vertx);
    this.dataDir = dataDir;
    env.put("DATA_DIR", dataDir.toString());
  }

  /** With this setting. */
  public SomeNode with(String name, String value) {
    env.put(name, value);
    return this;
  }

  public NodeContext context() {
    return new NodeContext(
        vertx,
        bus,
        Settings.load(Role.WORKER, env, dataDir),
        "node-1",
        new Tools(() -> {}),
        this,
        () -> Optional.ofNullable(sample),
        meters,
        () -> {},
        new Events("node-1", events::add, Clock.systemUTC()),
        Clock.systemUTC());
  }

  @Override
  public NodeInfo info() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean draining() {
    return false;
  }

  @Override
  public List<HubSeen> hubs() {
    return List.of();
  }

  @Override
  public List<ProviderSeen> providers() {
    return List.of();
  }

  @Override
  public JsonObject features() {
    return new JsonObject();
  }

  @Override
  public Future<HealthReport> health() {
    return new Health(health).report();
  }

  @Override
  public List<HealthCheck> featuresHealth() {
    return health;
  }
}
