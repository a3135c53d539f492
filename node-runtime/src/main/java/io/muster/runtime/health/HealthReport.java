package io.muster.runtime.health;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What all checks found at one moment, and the two forms in which it is told. */
public record HealthReport(HealthStatus status, List<Part> parts) {
  /** One check's finding. */
  public record Part(String name, Finding finding) {}

  public HealthReport {
    parts = List.copyOf(parts);
  }

  static HealthReport of(List<Part> parts) {
    HealthStatus worst = HealthStatus.HEALTHY;
    for (Part part : parts) {
      worst = worst.worse(part.finding().status());
    }
    return new HealthReport(worst, parts);
  }

  /** 200, or 503 when {@link HealthStatus#UNHEALTHY}. */
  public int httpStatus() {
    return status == HealthStatus.UNHEALTHY ? 503 : 200;
  }

  /** {@code {"status":"healthy","checks":[{"name","status","reason","data"}]}}. */
  public JsonObject toJson() {
    JsonArray checks = new JsonArray();
    for (Part part : parts) {
      checks.add(describe(part, part.finding().status().label()));
    }
    return new JsonObject().put("status", status.label()).put("checks", checks);
  }

  /**
   * {@code {"status":"UP","checks":[{"name","status","reason","data"}]}}, as orchestrators know it:
   * what is degraded is up.
   */
  public JsonObject toProbeJson() {
    JsonArray checks = new JsonArray();
    for (Part part : parts) {
      checks.add(describe(part, upOrDown(part.finding().status())));
    }
    return new JsonObject().put("status", upOrDown(status)).put("checks", checks);
  }

  private static JsonObject describe(Part part, String status) {
    JsonObject json = new JsonObject().put("name", part.name()).put("status", status);
    if (part.finding().reason() != null) {
      json.put("reason", part.finding().reason());
    }
    if (part.finding().data() != null) {
      json.put("data", part.finding().data());
    }
    return json;
  }

  private static String upOrDown(HealthStatus status) {
    return status == HealthStatus.UNHEALTHY ? "DOWN" : "UP";
  }
}
