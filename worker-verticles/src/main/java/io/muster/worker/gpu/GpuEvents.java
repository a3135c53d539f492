package io.muster.worker.gpu;

import io.muster.event.Events;
import io.muster.metric.Gpu;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Tells the fleet of GPUs that fail and of those that are there again. */
final class GpuEvents {
  private final String nodeId;
  private final Events events;
  private final Map<String, Gpu> before = new HashMap<>();

  GpuEvents(String nodeId, Events events) {
    this.nodeId = nodeId;
    this.events = events;
  }

  void look(List<Gpu> gpus) {
    for (Gpu gpu : gpus) {
      Gpu last = before.put(gpu.uuid() == null ? "GPU " + gpu.id() : gpu.uuid(), gpu);
      boolean failed = gpu.problem() != null;
      if (failed != (last != null && last.problem() != null)) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("nodeId", nodeId);
        data.put("gpu", gpu.id());
        data.put("uuid", gpu.uuid());
        data.put("name", gpu.name());
        if (failed) {
          data.put("reason", gpu.problem());
        }
        events.emit(failed ? "gpu_failed" : "gpu_recovered", data);
      }
    }
  }
}
