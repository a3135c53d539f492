package io.muster.hub.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.muster.runtime.metric.GenAi;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds the meters of a job's model. A model becomes a label only when a node lists it, and only so
 * many do: whatever else is named counts as {@link GenAi#OTHER}.
 */
final class ModelLabels {
  private static final int MAX_MODELS = 200;

  private final MeterRegistry registry;
  private final FleetView fleet;
  private final Set<String> known = new HashSet<>();
  private final Map<String, ModelMeters> unplaced = new HashMap<>();
  private final Map<Job.Kind, ModelMeters> other = new HashMap<>();

  ModelLabels(MeterRegistry registry, FleetView fleet) {
    this.registry = registry;
    this.fleet = fleet;
  }

  /** The meters of a job on a node. */
  ModelMeters on(NodeMeters node, String nodeId, Job job) {
    ModelMeters meters = node.models.get(job.model());
    return meters != null && meters.kind == job.kind() ? meters : find(node, nodeId, job);
  }

  /** The meters of a job that no node got. */
  ModelMeters unplaced(Job job) {
    ModelMeters meters = unplaced.get(job.model());
    if (meters == null || meters.kind != job.kind()) {
      boolean served = fleet.nodes().stream().anyMatch(node -> modelOf(node, job.model()) != null);
      if (!served || !admit(job.model())) {
        return other(job);
      }
      meters = meters(job, "", job.model());
      unplaced.put(job.model(), meters);
    }
    return meters;
  }

  private ModelMeters find(NodeMeters node, String nodeId, Job job) {
    ModelInfo model = fleet.node(nodeId).map(view -> modelOf(view, job.model())).orElse(null);
    if (model == null || !admit(model.id())) {
      return other(job);
    }
    ModelMeters meters = meters(job, model.provider(), model.id());
    node.models.put(job.model(), meters);
    return meters;
  }

  /** Clients may write {@code provider/model}. */
  private static ModelInfo modelOf(NodeView node, String name) {
    for (ModelInfo model : node.info().models()) {
      if (model.id().equals(name)
          || (name.length() == model.provider().length() + 1 + model.id().length()
              && name.startsWith(model.provider())
              && name.charAt(model.provider().length()) == '/'
              && name.endsWith(model.id()))) {
        return model;
      }
    }
    return null;
  }

  private boolean admit(String model) {
    return known.contains(model) || (known.size() < MAX_MODELS && known.add(model));
  }

  private ModelMeters other(Job job) {
    ModelMeters meters = other.get(job.kind());
    if (meters == null) {
      meters = meters(job, "", GenAi.OTHER);
      other.put(job.kind(), meters);
    }
    return meters;
  }

  private ModelMeters meters(Job job, String provider, String model) {
    return new ModelMeters(registry, job.kind(), provider, model);
  }
}
