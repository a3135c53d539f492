package io.muster.container;

import java.util.List;

/**
 * A claim on a node, and how its container is. Times are milliseconds since 1970, 0 for not yet.
 *
 * @param spec as asked for, of its environment the names alone
 * @param hash of what was asked for: the same claim asked for with another one is a conflict
 * @param containerId the engine's, null while there is none
 * @param gpuIds those that it has
 * @param ports as they are bound
 * @param exitCode of its last end, null before the first
 * @param restarts how often it was started again
 * @param error why it is as it is, null for nothing to say
 * @param health of a model server: starting, healthy, unhealthy; null for another container
 */
public record ContainerInfo(
    String nodeId,
    ContainerSpec spec,
    String hash,
    String containerId,
    State state,
    List<Integer> gpuIds,
    List<ContainerSpec.PortMapping> ports,
    long createdAt,
    long startedAt,
    long finishedAt,
    Integer exitCode,
    int restarts,
    String error,
    String health) {

  public ContainerInfo {
    gpuIds = gpuIds == null ? List.of() : List.copyOf(gpuIds);
    ports = ports == null ? List.of() : List.copyOf(ports);
  }

  /**
   * How it is.
   *
   * <pre>
   * PENDING → PULLING → CREATING → RUNNING → EXITED → (again) RUNNING
   *                        ↓          ↓
   *                      FAILED    STOPPED            any → REMOVING → gone
   * </pre>
   */
  public enum State {
    /** Written down; waits for the engine. */
    PENDING,
    PULLING,
    CREATING,
    RUNNING,
    /** It ended, and may be started again. */
    EXITED,
    /** Somebody stopped it. */
    STOPPED,
    /** It cannot be made or started. */
    FAILED,
    REMOVING
  }

  public String claimId() {
    return spec.claimId();
  }
}
