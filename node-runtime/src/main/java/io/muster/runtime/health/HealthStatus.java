package io.muster.runtime.health;

import java.util.Locale;

/** How well a process, or one part of it, does its work; the worst part decides for the whole. */
public enum HealthStatus {
  /** All is well. */
  HEALTHY,
  /** It does its work, but something is missing or about to be. */
  DEGRADED,
  /** It can do no work now. */
  UNHEALTHY;

  /** The name in JSON: {@code healthy}, {@code degraded}, {@code unhealthy}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  HealthStatus worse(HealthStatus other) {
    return other.compareTo(this) > 0 ? other : this;
  }
}
