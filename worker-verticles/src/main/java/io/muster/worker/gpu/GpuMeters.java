package io.muster.worker.gpu;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.muster.metric.Gpu;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** The figures of every GPU as gauges; {@code NaN} what it does not tell. */
final class GpuMeters {
  private final MeterRegistry registry;
  private final Set<String> registered = new HashSet<>();
  private volatile Map<String, Gpu> shown = Map.of();

  GpuMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Takes them as they are now; a new one's gauges appear. */
  void show(List<Gpu> now) {
    Map<String, Gpu> all = new HashMap<>();
    for (Gpu gpu : now) {
      String key = gpu.id() + " " + gpu.uuid();
      all.put(key, gpu);
      if (registered.add(key)) {
        register(key, gpu);
      }
    }
    shown = all;
  }

  private void register(String key, Gpu gpu) {
    Tags tags =
        Tags.of(
            "gpu",
            Integer.toString(gpu.id()),
            "uuid",
            gpu.uuid() == null ? "" : gpu.uuid(),
            "name",
            gpu.name() == null ? "" : gpu.name());
    gauge(
        key,
        tags,
        "muster.gpu.up",
        "1 for a GPU that can be used",
        g -> g.problem() == null ? 1 : 0);
    gauge(key, tags, "muster.gpu.temperature.celsius", "Of the GPU's chip", Gpu::temperatureC);
    gauge(key, tags, "muster.gpu.memory.size.bytes", "Memory", g -> (double) g.memoryTotal());
    gauge(key, tags, "muster.gpu.memory.used.bytes", "Memory in use", g -> (double) g.memoryUsed());
    gauge(key, tags, "muster.gpu.utilization.ratio", "Share of the time in use", Gpu::utilisation);
    gauge(key, tags, "muster.gpu.power.watts", "What it draws", Gpu::powerW);
    gauge(key, tags, "muster.gpu.processes", "Processes on it", g -> g.processes().size());
  }

  private void gauge(
      String key, Tags tags, String name, String description, ToDoubleFunction<Gpu> figure) {
    Gauge.builder(
            name,
            () -> {
              Gpu gpu = shown.get(key);
              double value = gpu == null ? -1 : figure.applyAsDouble(gpu);
              return value < 0 ? Double.NaN : value;
            })
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }
}
