package io.muster.worker.gpu;

import io.muster.event.Events;
import io.muster.metric.Gpu;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tells the fleet of GPUs that fail, at once, and of those that are there again, when they have
 * been so for a while: one that comes and goes with every look is told of once.
 */
final class GpuEvents {
  private static final int WELL_LOOKS = 3;

  private final String nodeId;
  private final Events events;

  /** GPUs that were told to have failed, by how many times they have been seen well since. */
  private final Map<String, Integer> failed = new HashMap<>();

  GpuEvents(String nodeId, Events events) {
    this.nodeId = nodeId;
    this.events = events;
  }

  void look(List<Gpu> gpus) {
    for (Gpu gpu : gpus) {
      String key = gpu.uuid() == null ? "GPU " + gpu.id() : gpu.uuid();
      if (gpu.problem() != null) {
        if (failed.put(key, 0) == null) {
          emit("gpu_failed", gpu);
        }
        continue;
      }
      Integer well = failed.computeIfPresent(key, (k, looks) -> looks + 1);
      if (well != null && well >= WELL_LOOKS) {
        failed.remove(key);
        emit("gpu_recovered", gpu);
      }
    }
  }

  private void emit(String type, Gpu gpu) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    data.put("gpu", gpu.id());
    data.put("uuid", gpu.uuid());
    data.put("name", gpu.name());
    if (gpu.problem() != null) {
      data.put("reason", gpu.problem());
    }
    events.emit(type, data);
  }
}
