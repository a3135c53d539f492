package io.muster.worker.ops;

import io.muster.runtime.health.DiskCheck;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.Health;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthStatus;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parts of a worker's health. Unhealthy is a worker that could run no job now: no hub sends it
 * any, or no provider would answer.
 */
final class WorkerHealth {
  /** Capabilities that are work of their own; a GPU, say, is none. */
  private static final Set<String> MORE = Set.of("tool", "containers");

  private final HealthCheck hub;
  private final HealthCheck providers;
  private final HealthCheck disk;
  private final HealthCheck loop;
  private final WorkerStatus status;

  WorkerHealth(Vertx vertx, WorkerView worker) {
    this.status = worker.status();
    this.hub = HealthCheck.of("hub", () -> hub(status.hubs().size(), status.servesAlone()));
    this.providers =
        HealthCheck.of(
            "providers",
            () -> providers(status.providers(), offersMore()).with(each(status.providers())));
    this.disk = DiskCheck.of(vertx, worker.dataFolder());
    this.loop = worker.lag().check();
  }

  /** Everything, for {@code /health}. */
  Health overall() {
    HealthCheck process = HealthCheck.of("process", () -> process(HealthStatus.DEGRADED));
    List<HealthCheck> parts = new ArrayList<>(List.of(hub, providers, disk, loop, process));
    parts.addAll(status.featuresHealth());
    return new Health(parts);
  }

  /** Whether work may be sent, for {@code /health/ready}. */
  Health ready() {
    HealthCheck process = HealthCheck.of("process", () -> process(HealthStatus.UNHEALTHY));
    return new Health(List.of(hub, providers, process));
  }

  /** Whether the process is worth keeping, for {@code /health/live}: that it answers says so. */
  Health live() {
    return new Health(List.of(HealthCheck.of("process", () -> Finding.healthy(null))));
  }

  private Finding process(HealthStatus whenDraining) {
    return status.draining()
        ? new Finding(whenDraining, "draining: takes no new work, finishes what runs", null)
        : Finding.healthy(null);
  }

  /** Whether there is work for it that needs no model. */
  private boolean offersMore() {
    return status.info().capabilities().stream().anyMatch(MORE::contains);
  }

  static Finding hub(int hubs, boolean servesAlone) {
    String none = "no hub has taken the registration";
    Finding finding =
        hubs == 0
            ? servesAlone
                ? Finding.degraded(none + ": only clients near are served")
                : Finding.unhealthy(none)
            : Finding.healthy("registered with " + hubs + (hubs == 1 ? " hub" : " hubs"));
    return finding.with(new JsonObject().put("hubs", hubs));
  }

  /**
   * @param offersMore whether the worker is of use without models, too
   */
  static Finding providers(List<WorkerStatus.ProviderSeen> providers, boolean offersMore) {
    if (providers.isEmpty()) {
      return offersMore
          ? Finding.healthy("no provider is set up: no models are served")
          : Finding.unhealthy("no provider is set up");
    }
    String down =
        providers.stream()
            .filter(provider -> !provider.reachable())
            .map(WorkerHealth::trouble)
            .collect(Collectors.joining("; "));
    if (down.isEmpty()) {
      return Finding.healthy(
          providers.stream()
              .map(WorkerStatus.ProviderSeen::name)
              .collect(Collectors.joining(", ")));
    }
    return offersMore || providers.stream().anyMatch(WorkerStatus.ProviderSeen::reachable)
        ? Finding.degraded(down)
        : Finding.unhealthy(down);
  }

  /** Every provider by its name: null, or what is wrong with it. */
  private static JsonObject each(List<WorkerStatus.ProviderSeen> providers) {
    JsonObject each = new JsonObject();
    for (WorkerStatus.ProviderSeen provider : providers) {
      each.put(provider.name(), provider.reachable() ? null : trouble(provider));
    }
    return each;
  }

  private static String trouble(WorkerStatus.ProviderSeen provider) {
    return provider.name()
        + (provider.trouble() == null ? " cannot be reached" : ": " + provider.trouble());
  }
}
