package io.muster.hub.task;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a client asked for; never changes.
 *
 * @param id unique, sorts by the time of its creation
 * @param caller whose idempotency keys these are
 * @param args {@code toolArgs}, a JSON object; null in memory where it is too long to be kept there
 * @param timeoutMs milliseconds for one attempt
 * @param retries further attempts after one that failed
 * @param skips whether a failure of what it depends on skips it, and does not fail it
 * @param idempotencyKey null when there is none
 * @param hash of the request, so that another one under the same key is known
 * @param createdAt milliseconds since 1970
 */
record TaskSpec(
    String id,
    String caller,
    Needs needs,
    String args,
    long timeoutMs,
    int priority,
    int retries,
    List<String> dependsOn,
    boolean skips,
    String idempotencyKey,
    String hash,
    long createdAt) {
  /** Longer arguments are read from the database when they are needed. */
  private static final int KEPT_CHARS = 1_024;

  TaskSpec {
    dependsOn = List.copyOf(dependsOn);
  }

  /** An id that sorts by its time, milliseconds since 1970. */
  static String newId(long now, RandomGenerator random) {
    return "task-%012x-%012x".formatted(now, random.nextLong() & 0xffff_ffff_ffffL);
  }

  String toolName() {
    return needs.toolName();
  }

  /** As it waits in memory. */
  TaskSpec light() {
    return args == null || args.length() <= KEPT_CHARS
        ? this
        : new TaskSpec(
            id,
            caller,
            needs,
            null,
            timeoutMs,
            priority,
            retries,
            dependsOn,
            skips,
            idempotencyKey,
            hash,
            createdAt);
  }
}
