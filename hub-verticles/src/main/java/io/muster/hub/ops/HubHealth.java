package io.muster.hub.ops;

import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.runtime.health.DiskCheck;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.Health;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthStatus;
import io.muster.runtime.health.SlowCheck;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The parts of a hub's health. Unhealthy is a hub that could answer no request now; one that misses
 * a worker it expects is degraded. Readiness leaves the workers out: they come by way of a hub that
 * is ready, and no restart of it would bring them.
 */
public final class HubHealth {
  private final List<HealthCheck> own;
  private final HealthCheck workers;
  private final HealthCheck loop;
  private final BooleanSupplier stopping;

  /**
   * @param ping succeeds when the database answers
   * @param dataFolder DATA_DIR
   * @param stopping whether the hub takes no new work, because it is about to end
   */
  public HubHealth(
      Vertx vertx,
      HubView hub,
      Supplier<Future<Void>> ping,
      Supplier<ClusterStatus> cluster,
      Path dataFolder,
      BooleanSupplier stopping) {
    HealthCheck database =
        new SlowCheck(
            vertx,
            "database",
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            () -> ping.get().map(Finding.healthy(null)));
    this.stopping = stopping;
    this.own =
        List.of(
            database,
            HealthCheck.of("cluster", () -> cluster(cluster.get())),
            DiskCheck.of(vertx, dataFolder));
    this.workers = HealthCheck.of("workers", () -> workers(hub.fleet(), hub.expected().absent()));
    this.loop = hub.lag().check();
  }

  /** Everything, for {@code /health}. */
  public Health overall() {
    HealthCheck process = HealthCheck.of("process", () -> process(HealthStatus.DEGRADED));
    return new Health(List.of(own.get(0), own.get(1), workers, loop, own.get(2), process));
  }

  /** Whether clients may be sent here, for {@code /health/ready}. */
  public Health ready() {
    HealthCheck process = HealthCheck.of("process", () -> process(HealthStatus.UNHEALTHY));
    return new Health(List.of(own.get(0), own.get(1), own.get(2), process));
  }

  /** Whether the process is worth keeping, for {@code /health/live}: that it answers says so. */
  public Health live() {
    return new Health(List.of(HealthCheck.of("process", () -> Finding.healthy(null))));
  }

  private Finding process(HealthStatus whenStopping) {
    return stopping.getAsBoolean()
        ? new Finding(whenStopping, "stopping: finishes what runs", null)
        : Finding.healthy(null);
  }

  static Finding cluster(ClusterStatus status) {
    JsonObject data = new JsonObject().put("members", status.members());
    if (!status.joined()) {
      String why = status.trouble() == null ? "not a member of the cluster" : status.trouble();
      return Finding.unhealthy(why).with(data);
    }
    return (status.trouble() == null ? Finding.healthy(null) : Finding.degraded(status.trouble()))
        .with(data);
  }

  static Finding workers(FleetView fleet, int missing) {
    int able = 0;
    int alive = 0;
    int unsure = 0;
    for (NodeView node : fleet.nodes()) {
      able += node.takesWork() ? 1 : 0;
      alive += node.isUp() ? 1 : 0;
      unsure += node.maySoonTakeWork() ? 1 : 0;
    }
    JsonObject data =
        new JsonObject().put("able", able).put("alive", alive).put("missing", missing);
    return judge(able, alive, unsure, missing).with(data);
  }

  private static Finding judge(int able, int alive, int unsure, int missing) {
    if (able == 0 && unsure > 0) {
      return Finding.degraded("no worker is sure to take work: see /api/workers");
    }
    if (able == 0) {
      return Finding.unhealthy(
          alive == 0 ? "no worker is there" : "no worker takes new work: see /api/workers");
    }
    if (missing > 0) {
      return Finding.degraded(
          missing
              + (missing == 1 ? " worker of WORKERS is" : " workers of WORKERS are")
              + " not on the bus: see /api/workers");
    }
    return Finding.healthy(able + (able == 1 ? " takes work" : " take work"));
  }
}
