package io.muster.runtime.health;

import io.vertx.core.json.JsonObject;

/**
 * What one check found.
 *
 * @param reason for people, read without authentication: no address, name of a host or secret in
 *     it; null when there is nothing to say
 * @param data figures beside the reason, null when there are none
 */
public record Finding(HealthStatus status, String reason, JsonObject data) {
  public static Finding healthy(String reason) {
    return new Finding(HealthStatus.HEALTHY, reason, null);
  }

  public static Finding degraded(String reason) {
    return new Finding(HealthStatus.DEGRADED, reason, null);
  }

  public static Finding unhealthy(String reason) {
    return new Finding(HealthStatus.UNHEALTHY, reason, null);
  }

  /** The same finding with figures beside it. */
  public Finding with(JsonObject figures) {
    return new Finding(status, reason, figures);
  }
}
