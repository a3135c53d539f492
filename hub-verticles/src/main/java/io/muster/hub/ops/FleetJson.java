package io.muster.hub.ops;

import io.muster.hub.fleet.NodeView;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.vertx.core.json.JsonObject;
import java.util.Collection;

/**
 * The machines of all nodes that are alive, taken together: sums, and the mean where it is a share.
 */
final class FleetJson {
  private FleetJson() {}

  static JsonObject of(Collection<NodeView> nodes) {
    int alive = 0;
    int degraded = 0;
    int processors = 0;
    double busyProcessors = 0;
    long memory = 0;
    long memoryUsed = 0;
    double receive = 0;
    double send = 0;
    int gpus = 0;
    int gpusBusy = 0;
    int gpusFailed = 0;
    long gpuMemory = 0;
    long gpuMemoryUsed = 0;
    for (NodeView node : nodes) {
      Sample sample = node.sample();
      if (!node.isUp()) {
        continue;
      }
      alive++;
      degraded += node.alarms().isEmpty() ? 0 : 1;
      if (sample == null) {
        continue;
      }
      if (sample.cpu() >= 0) {
        processors += sample.processors();
        busyProcessors += sample.cpu() * sample.processors();
      }
      memory += Math.max(0, sample.memoryTotal());
      memoryUsed += Math.max(0, sample.memoryUsed());
      receive += Math.max(0, sample.netReceiveRate());
      send += Math.max(0, sample.netSendRate());
      for (Gpu gpu : sample.gpus()) {
        gpus++;
        gpusBusy += gpu.busy() ? 1 : 0;
        gpusFailed += gpu.problem() == null ? 0 : 1;
        gpuMemory += Math.max(0, gpu.memoryTotal());
        gpuMemoryUsed += Math.max(0, gpu.memoryUsed());
      }
    }
    return new JsonObject()
        .put("alive", alive)
        .put("degraded", degraded)
        .put("processors", processors)
        .put("cpu", processors == 0 ? null : Math.round(busyProcessors / processors * 1e4) / 1e4)
        .put("memory_total_bytes", memory)
        .put("memory_used_bytes", memoryUsed)
        .put("network_receive_bytes_per_second", Math.round(receive))
        .put("network_send_bytes_per_second", Math.round(send))
        .put("gpus", gpus)
        .put("gpus_busy", gpusBusy)
        .put("gpus_failed", gpusFailed)
        .put("gpu_memory_total_bytes", gpuMemory)
        .put("gpu_memory_used_bytes", gpuMemoryUsed);
  }
}
