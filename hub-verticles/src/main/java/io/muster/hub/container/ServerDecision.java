package io.muster.hub.container;

import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;

/** What is to be done about a model server, as things are. Pure. */
final class ServerDecision {
  private ServerDecision() {}

  /** What is done. */
  enum Step {
    NOTHING,
    /** It is to be put on a node. */
    PLACE,
    /** Its node is asked for it again: it may have lost it. */
    ASK,
    /** It is to be put on another node, if one fits. */
    MOVE
  }

  /**
   * How its node is.
   *
   * @param awaySinceMs for how many milliseconds the node has been away, or its engine; -1 for not
   * @param answered whether the node said what it has
   * @param claim the server's container there; null for none
   * @param troubleMs for how many milliseconds it has not served
   */
  record Sight(long awaySinceMs, boolean answered, ContainerInfo claim, long troubleMs) {}

  /**
   * @param moveAfterMs milliseconds that a node may be away, or fail to serve
   */
  static Step of(ServerRecord server, Sight sight, long moveAfterMs) {
    if (server.nodeId() == null) {
      return Step.PLACE;
    }
    if (sight.awaySinceMs() >= 0) {
      return sight.awaySinceMs() >= moveAfterMs ? Step.MOVE : Step.NOTHING;
    }
    if (!sight.answered()) {
      return Step.NOTHING;
    }
    if (sight.claim() == null) {
      // It is nowhere: the node that would not take it may be the one that will.
      return sight.troubleMs() > moveAfterMs ? Step.PLACE : Step.ASK;
    }
    // It may take long to fetch an image and to load a model: only then the time counts.
    long patience = moveAfterMs + server.spec().server().startTimeoutMs();
    return isInTrouble(sight.claim()) && sight.troubleMs() > patience ? Step.MOVE : Step.NOTHING;
  }

  /** Whether it does not serve, though nothing that takes long by itself is under way. */
  static boolean isInTrouble(ContainerInfo claim) {
    return claim.state() != State.PULLING
        && !(claim.state() == State.RUNNING && "healthy".equals(claim.health()));
  }
}
