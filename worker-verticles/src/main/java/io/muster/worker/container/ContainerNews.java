package io.muster.worker.container;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.event.Events;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says to the fleet, and counts, what becomes of containers. */
final class ContainerNews {
  private final String nodeId;
  private final Events events;
  private final MeterRegistry meters;

  ContainerNews(String nodeId, Events events, MeterRegistry meters) {
    this.nodeId = nodeId;
    this.events = events;
    this.meters = meters;
  }

  void created(Claim claim) {
    emit("container_created", claim, Map.of("image", claim.spec.image(), "gpuIds", claim.gpuIds));
  }

  void started(Claim claim) {
    emit("container_started", claim, Map.of("restarts", claim.restarts));
  }

  void died(Claim claim, Engine.Condition condition) {
    emit(
        "container_died",
        claim,
        Map.of("exitCode", condition.exitCode(), "oomKilled", condition.oomKilled()));
  }

  void stopped(Claim claim) {
    emit("container_stopped", claim, Map.of());
  }

  void failed(Claim claim, String reason) {
    emit("container_failed", claim, Map.of("reason", reason));
  }

  /**
   * @param outside whether somebody else removed it
   */
  void removed(Claim claim, String containerId, boolean outside) {
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("outside", outside);
    if (containerId != null) {
      more.put("containerId", containerId);
    }
    emit("container_removed", claim, more);
  }

  void engineAway(String reason) {
    count("engine_away");
    events.emit("container_engine_down", Map.of("nodeId", nodeId, "reason", reason));
  }

  void engineUp(String version) {
    events.emit("container_engine_up", Map.of("nodeId", nodeId, "version", version));
  }

  void modelServer(Claim claim, String type, Map<String, Object> more) {
    Map<String, Object> data = new LinkedHashMap<>(more);
    data.put("name", claim.spec.server().name());
    emit(type, claim, data);
  }

  private void emit(String type, Claim claim, Map<String, Object> more) {
    count(type.replaceFirst("^container_", ""));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    data.put("claimId", claim.id());
    if (claim.containerId != null) {
      data.put("containerId", claim.containerId);
    }
    data.putAll(more);
    events.emit(type, data);
  }

  private void count(String what) {
    Counter.builder("muster.containers.events")
        .description("What happened to containers")
        .tag("event", what)
        .register(meters)
        .increment();
  }
}
