package io.muster.hub.task;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says when more nodes are wanted, or when some could go: after a while of it, once, and again only
 * when it has been otherwise in between. Pure; times are milliseconds of a monotonic clock.
 */
final class ScaleSignals {
  private static final long OUT_AFTER_MS = 10_000;
  private static final long IN_AFTER_MS = 60_000;

  private final int queueLimit;
  private long fullSince = -1;
  private long idleSince = -1;
  private boolean toldOut;
  private boolean toldIn;

  /**
   * @param queueLimit waiting tasks that are too many
   */
  ScaleSignals(int queueLimit) {
    this.queueLimit = queueLimit;
  }

  /** An event to emit. */
  record Signal(String type, Map<String, Object> data) {}

  /**
   * @param queued tasks that wait for a node
   * @param nodes that are alive
   * @param idle of them, those that have nothing to do
   */
  Optional<Signal> look(long now, int queued, int nodes, List<String> idle) {
    if (queued >= queueLimit) {
      fullSince = fullSince < 0 ? now : fullSince;
      if (!toldOut && now - fullSince >= OUT_AFTER_MS) {
        toldOut = true;
        return Optional.of(
            new Signal("scale_out_wanted", Map.of("queued", queued, "nodes", nodes)));
      }
    } else if (queued <= queueLimit / 2) {
      fullSince = -1;
      toldOut = false;
    }
    if (queued == 0 && !idle.isEmpty() && nodes > 1) {
      idleSince = idleSince < 0 ? now : idleSince;
      if (!toldIn && now - idleSince >= IN_AFTER_MS) {
        toldIn = true;
        return Optional.of(
            new Signal("scale_in_possible", Map.of("idle", List.copyOf(idle), "nodes", nodes)));
      }
    } else {
      idleSince = -1;
      toldIn = false;
    }
    return Optional.empty();
  }
}
