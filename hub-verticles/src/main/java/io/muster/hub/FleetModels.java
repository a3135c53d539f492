package io.muster.hub;

import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.node.ModelInfo;
import io.muster.node.NodeState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The models of all nodes as clients see them. */
final class FleetModels implements ModelCatalogue {
  private final NodeRegistry registry;
  private final String preferred;

  /**
   * @param preferred what a request without a model gets, null for the first node's first model
   */
  FleetModels(NodeRegistry registry, String preferred) {
    this.registry = registry;
    this.preferred = preferred;
  }

  @Override
  public List<ModelInfo> models() {
    Map<String, ModelInfo> models = new LinkedHashMap<>();
    for (RemoteNode node : registry.all()) {
      if (node.state() != NodeState.OFFLINE) {
        node.info().models().forEach(model -> models.putIfAbsent(model.id(), model));
      }
    }
    return new ArrayList<>(models.values());
  }

  @Override
  public Optional<String> defaultModel() {
    if (preferred != null && registry.knows(preferred)) {
      return Optional.of(preferred);
    }
    String fallback = null;
    for (RemoteNode node : registry.all()) {
      if (!node.info().models().isEmpty()) {
        String first = node.info().models().get(0).id();
        if (node.state() != NodeState.OFFLINE) {
          return Optional.of(first);
        }
        // A node that is away may be back before the request has waited too long.
        fallback = first;
      }
    }
    return Optional.ofNullable(fallback);
  }

  @Override
  public boolean knows(String model) {
    return registry.knows(model);
  }

  @Override
  public int contextTokens(String model) {
    return registry.model(model).map(ModelInfo::contextTokens).orElse(0);
  }
}
