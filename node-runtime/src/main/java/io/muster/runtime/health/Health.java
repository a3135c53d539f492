package io.muster.runtime.health;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/**
 * The checks of a process, run together for a report.
 *
 * <p>Not vertx-health-check: it knows up and down only, calls the parts {@code id} instead of the
 * {@code name} that orchestrators' users expect, and runs every check anew for everyone who asks.
 */
public final class Health {
  private final List<HealthCheck> checks;

  public Health(List<HealthCheck> checks) {
    this.checks = List.copyOf(checks);
  }

  /** Asks all checks; never fails. */
  public Future<HealthReport> report() {
    List<Future<HealthReport.Part>> parts = new ArrayList<>(checks.size());
    for (HealthCheck check : checks) {
      parts.add(find(check).map(finding -> new HealthReport.Part(check.name(), finding)));
    }
    return Future.all(parts).map(all -> HealthReport.of(all.<HealthReport.Part>list()));
  }

  private static Future<Finding> find(HealthCheck check) {
    Future<Finding> found;
    try {
      found = check.find();
    } catch (RuntimeException e) {
      found = Future.failedFuture(e);
    }
    return found.otherwise(
        cause -> Finding.unhealthy("failed: " + cause.getClass().getSimpleName()));
  }
}
