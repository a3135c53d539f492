package io.muster.worker.api;

import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The machine's figures as platforms of GPU nodes read them: percent and MiB. */
final class MetricsJson {
  private static final double MIB = 1 << 20;

  private MetricsJson() {}

  /** A GPU that cannot be used is left out: nobody is to plan with it. */
  static JsonObject of(String nodeId, Sample sample) {
    JsonArray gpus = new JsonArray();
    for (Gpu gpu : sample.gpus()) {
      if (gpu.problem() == null) {
        gpus.add(gpu(gpu));
      }
    }
    double memory =
        sample.memoryTotal() > 0 ? (double) sample.memoryUsed() / sample.memoryTotal() : -1;
    return new JsonObject()
        .put("node_id", nodeId)
        .put("cpu_usage_percent", percent(sample.cpu()))
        .put("memory_usage_percent", percent(memory))
        .put("gpus", gpus);
  }

  private static JsonObject gpu(Gpu gpu) {
    return new JsonObject()
        .put("id", gpu.id())
        .put("temperature_c", gpu.temperatureC() < 0 ? null : Math.round(gpu.temperatureC()))
        .put("memory_total_mb", mib(gpu.memoryTotal()))
        .put("memory_used_mb", mib(gpu.memoryUsed()))
        .put("name", gpu.name())
        .put("usage_percent", percent(gpu.utilisation()))
        .put("busy", gpu.busy());
  }

  private static Long mib(long bytes) {
    return bytes < 0 ? null : Math.round(bytes / MIB);
  }

  private static Double percent(double share) {
    return share < 0 || Double.isNaN(share) ? null : Math.round(share * 1000) / 10.0;
  }
}
