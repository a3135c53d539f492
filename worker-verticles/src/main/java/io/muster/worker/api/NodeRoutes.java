package io.muster.worker.api;

import io.vertx.ext.web.Router;

/**
 * Routes of the node's own API. A {@link io.muster.worker.feature.NodeFeature} that implements this
 * too has them mounted; who calls them has shown the token, and bodies are read and bounded.
 */
public interface NodeRoutes {
  /**
   * Adds its routes, with full paths ({@code /api/v1/…}). Called once, after the feature's start.
   *
   * @param api reads what is asked and writes the answers
   */
  void mount(Router router, NodeApi api);
}
