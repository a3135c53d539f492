package io.muster.hub.task;

/**
 * Limits and times of tasks.
 *
 * @param queueSize tasks that may wait at this hub
 * @param timeoutMs of an attempt, where a task does not say
 * @param retries where a task does not say
 * @param ageStepMs a task that waited so long counts as one step of priority more
 * @param leaseMs how long this hub keeps its tasks without renewing
 * @param nodeGraceMs how long nodes of tasks that were taken over are waited for
 * @param maxArgsBytes of {@code toolArgs}
 * @param keepMs how long ended tasks are kept
 * @param scaleOutQueue waiting tasks that call for more nodes
 */
public record TaskOptions(
    int queueSize,
    long timeoutMs,
    int retries,
    int maxLosses,
    long backoffMs,
    long backoffMaxMs,
    long ageStepMs,
    long leaseMs,
    long nodeGraceMs,
    int maxArgsBytes,
    long keepMs,
    int scaleOutQueue) {

  /** The settings' own defaults. */
  public static TaskOptions defaults() {
    return new TaskOptions(
        20_000, 60_000, 3, 10, 1_000, 60_000, 10_000, 15_000, 10_000, 262_144, 86_400_000, 100);
  }
}
