package io.muster.hub.container;

import io.muster.container.ContainerSpec;

/**
 * A model server that is to run somewhere.
 *
 * @param spec the container; its claim is another with each placement
 * @param generation how often it was placed
 * @param nodeId where it is to run; null while it is nowhere
 * @param createdAt milliseconds since 1970
 */
record ServerRecord(
    String name,
    ContainerSpec spec,
    long generation,
    String nodeId,
    long createdAt,
    String createdBy) {
  private static final String PREFIX = "ms-";

  /** The claim that it has now. */
  String claimId() {
    return claimId(generation);
  }

  private String claimId(long placed) {
    return PREFIX + name + "-" + placed;
  }

  /** The container as its node is asked for it. */
  ContainerSpec placed() {
    return spec.withClaim(claimId());
  }

  /** Whether a claim is one of a model server's, whichever. */
  static boolean isServers(String claimId) {
    return claimId.startsWith(PREFIX);
  }

  ServerRecord on(String node) {
    return new ServerRecord(name, spec, generation + 1, node, createdAt, createdBy);
  }
}
