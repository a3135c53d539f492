package io.muster.worker;

import io.muster.bus.Inbox;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.ContainerSettings;
import io.muster.runtime.settings.EdgeSettings;
import io.muster.runtime.settings.GpuSettings;
import io.muster.runtime.settings.NodeApiSettings;
import io.muster.worker.api.NodeApiFeature;
import io.muster.worker.container.ContainersFeature;
import io.muster.worker.control.Drains;
import io.muster.worker.edge.EdgeFeature;
import io.muster.worker.edge.OwnModels;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.gpu.GpuFeature;
import io.muster.worker.mcp.McpServersFeature;
import io.muster.worker.monitor.MonitorFeature;
import io.muster.worker.tool.code.CodeFeature;
import io.muster.worker.tool.file.FilesFeature;
import io.muster.worker.tool.web.WebFeature;
import io.muster.worker.tunnel.TunnelFeature;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a worker that are on or off by setting, in the order in which they start. */
final class WorkerFeatures {
  private static final Logger log = LoggerFactory.getLogger(WorkerFeatures.class);
  private static final long STOP_SECONDS = 10;

  private final List<NodeFeature> features;
  private final MonitorFeature monitor;

  WorkerFeatures(List<NodeFeature> features, MonitorFeature monitor) {
    this.monitor = monitor;
    this.features = List.copyOf(features);
  }

  /** Those that the settings ask for. */
  static WorkerFeatures of(NodeContext node, OwnModels own, Drains drains) {
    List<NodeFeature> features = new ArrayList<>();
    Supplier<List<Gpu>> gpus = List::of;
    if (!node.settings().get(GpuSettings.GPU_MONITOR).equals("off")) {
      GpuFeature gpu = new GpuFeature(node);
      gpus = gpu::gpus;
      features.add(gpu);
    }
    MonitorFeature monitor = new MonitorFeature(node, gpus, drains);
    features.add(monitor);
    if (WebFeature.isOn(node.settings())) {
      features.add(new WebFeature(node));
    }
    if (node.settings().get(Catalogue.ENABLE_FILE_TOOLS)) {
      features.add(new FilesFeature(node));
    }
    if (node.settings().get(Catalogue.ENABLE_CODE_EXEC)) {
      features.add(new CodeFeature(node));
    }
    if (node.settings().get(ContainerSettings.ENABLE_CONTAINERS)) {
      features.add(new ContainersFeature(node));
    }
    if (TunnelFeature.isWanted(node.settings())) {
      features.add(new TunnelFeature(node));
    }
    if (node.settings().get(EdgeSettings.EDGE)) {
      features.add(new EdgeFeature(node, own));
    }
    if (McpServersFeature.isWanted(node.settings())) {
      features.add(new McpServersFeature(node));
    }
    // The last one: it serves the routes of those before.
    if (node.settings().get(NodeApiSettings.NODE_API)) {
      features.add(new NodeApiFeature(node, features));
    }
    return new WorkerFeatures(features, monitor);
  }

  Future<Void> start() {
    Future<Void> started = Future.succeededFuture();
    for (NodeFeature feature : features) {
      started = started.compose(v -> feature.start());
    }
    return started;
  }

  /** The last first; always succeeds. */
  Future<Void> stop() {
    Future<Void> stopped = Future.succeededFuture();
    for (int i = features.size() - 1; i >= 0; i--) {
      NodeFeature feature = features.get(i);
      stopped =
          stopped.compose(
              v ->
                  feature
                      .stop()
                      .timeout(STOP_SECONDS, TimeUnit.SECONDS)
                      .onFailure(cause -> log.warn("{} did not end well", feature.name(), cause))
                      .otherwiseEmpty());
    }
    return stopped;
  }

  /** The sample with GPUs, and with what is wrong. */
  Sample complete(Sample sample) {
    return monitor.complete(sample);
  }

  Inbox inbox() {
    Inbox inbox = new Inbox();
    features.forEach(feature -> inbox.otherwise(feature.inbox()));
    return inbox;
  }

  List<String> capabilities() {
    return features.stream()
        .flatMap(feature -> feature.capabilities().stream())
        .distinct()
        .toList();
  }

  boolean serveAlone() {
    return features.stream().anyMatch(NodeFeature::servesAlone);
  }

  List<HealthCheck> health() {
    return features.stream().flatMap(feature -> feature.health().stream()).toList();
  }

  /** By the features' names. */
  JsonObject info() {
    JsonObject info = new JsonObject();
    for (NodeFeature feature : features) {
      JsonObject told = feature.info();
      if (told != null) {
        info.put(feature.name(), told);
      }
    }
    return info;
  }
}
