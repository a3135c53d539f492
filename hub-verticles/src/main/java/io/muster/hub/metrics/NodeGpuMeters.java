package io.muster.hub.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The figures of one node's GPUs as gauges; {@code NaN} where they are not told. */
final class NodeGpuMeters {
  private static final int MAX_GPUS = 64;

  private final MeterRegistry registry;
  private final String nodeId;
  private final Supplier<Sample> sample;
  private final Consumer<Meter> keep;
  private final Set<Integer> known = new HashSet<>();

  /**
   * @param sample the node's last, null for none; asked by whoever writes the metrics
   * @param keep takes the gauges that are to be removed with the node
   */
  NodeGpuMeters(
      MeterRegistry registry, String nodeId, Supplier<Sample> sample, Consumer<Meter> keep) {
    this.registry = registry;
    this.nodeId = nodeId;
    this.sample = sample;
    this.keep = keep;
  }

  /** A new GPU's gauges appear. */
  void refresh() {
    Sample now = sample.get();
    for (Gpu gpu : now == null ? List.<Gpu>of() : now.gpus()) {
      if (gpu.id() >= 0 && gpu.id() < MAX_GPUS && known.add(gpu.id())) {
        register(gpu.id());
      }
    }
  }

  private void register(int id) {
    gauge(id, "up", "1 for a GPU that can be used", gpu -> gpu.problem() == null ? 1 : 0);
    gauge(id, "temperature.celsius", "Of the GPU's chip", Gpu::temperatureC);
    gauge(id, "memory.size.bytes", "Memory of the GPU", gpu -> (double) gpu.memoryTotal());
    gauge(id, "memory.used.bytes", "Memory in use", gpu -> (double) gpu.memoryUsed());
    gauge(id, "utilization.ratio", "Share of the time in use", Gpu::utilisation);
    gauge(id, "power.watts", "What the GPU draws", Gpu::powerW);
  }

  private void gauge(int id, String name, String description, ToDoubleFunction<Gpu> figure) {
    keep.accept(
        Gauge.builder("muster.node.gpu." + name, () -> figure(id, figure))
            .description(description)
            .tags(Tags.of("node", nodeId, "gpu", Integer.toString(id)))
            .strongReference(true)
            .register(registry));
  }

  private double figure(int id, ToDoubleFunction<Gpu> figure) {
    Sample now = sample.get();
    if (now != null) {
      for (Gpu gpu : now.gpus()) {
        if (gpu.id() == id) {
          double value = figure.applyAsDouble(gpu);
          return value < 0 ? Double.NaN : value;
        }
      }
    }
    return Double.NaN;
  }
}
