package io.muster.hub.http;

import io.muster.node.ModelInfo;
import java.util.List;
import java.util.Optional;

/** The models that the fleet serves, as clients may name them; read on the hub's event loop. */
public interface ModelCatalogue {
  /** No models. */
  ModelCatalogue NONE =
      new ModelCatalogue() {
        @Override
        public List<ModelInfo> models() {
          return List.of();
        }

        @Override
        public Optional<String> defaultModel() {
          return Optional.empty();
        }

        @Override
        public boolean knows(String model) {
          return false;
        }

        @Override
        public int contextTokens(String model) {
          return 0;
        }
      };

  /** Each once, however many nodes serve it; in a stable order. Empty when no node is there. */
  List<ModelInfo> models();

  /** What a request without a model gets; empty when no node is there. */
  Optional<String> defaultModel();

  /**
   * Whether jobs for this model can be taken now or once a node comes back.
   *
   * @param model an id, or {@code provider/id}
   */
  boolean knows(String model);

  /** How many tokens fit the model's context; 0 when nobody says. */
  int contextTokens(String model);
}
