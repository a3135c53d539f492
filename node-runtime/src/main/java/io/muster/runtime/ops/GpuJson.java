package io.muster.runtime.ops;

import io.muster.metric.Gpu;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** GPUs as JSON: sizes in bytes, shares 0 to 1, null where the driver does not tell. */
public final class GpuJson {
  private GpuJson() {}

  public static JsonArray of(List<Gpu> gpus) {
    JsonArray all = new JsonArray();
    for (Gpu gpu : gpus) {
      JsonArray processes = new JsonArray();
      for (Gpu.Process process : gpu.processes()) {
        processes.add(
            new JsonObject()
                .put("pid", process.pid())
                .put("name", process.name())
                .put("memory_used_bytes", SampleJson.size(process.memoryUsed())));
      }
      all.add(
          new JsonObject()
              .put("id", gpu.id())
              .put("uuid", gpu.uuid())
              .put("name", gpu.name())
              .put("temperature_c", SampleJson.share(gpu.temperatureC()))
              .put("memory_total_bytes", SampleJson.size(gpu.memoryTotal()))
              .put("memory_used_bytes", SampleJson.size(gpu.memoryUsed()))
              .put("utilization", SampleJson.share(gpu.utilisation()))
              .put("power_w", SampleJson.share(gpu.powerW()))
              .put("busy", gpu.busy())
              .put("processes", processes)
              .put("problem", gpu.problem()));
    }
    return all;
  }
}
