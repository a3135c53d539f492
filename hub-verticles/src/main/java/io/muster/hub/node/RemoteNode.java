package io.muster.hub.node;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.util.HashMap;
import java.util.Map;

/**
 * What a hub knows of one node: what it said, when it was last heard, and how its jobs went. Times
 * are nanoseconds of the registry's monotonic clock unless they say otherwise. Used on the hub's
 * event loop only.
 */
public final class RemoteNode {
  private final NodeHealth.Options healthOptions;
  private final Map<String, NodeHealth> healthByProvider = new HashMap<>();
  private final Map<String, String> providerByModel = new HashMap<>();
  private NodeInfo info;
  private NodeState liveness;
  private String reason = "";
  private boolean draining;
  private boolean unregistered;
  private long lastHeard;
  private long stateSince;
  private long registeredAt;
  private long lastHeartbeat;
  private NodeStats stats = NodeStats.NONE;
  private Sample sample;
  private int inFlight;
  private int others;
  private boolean suspect;
  private Node snapshot;

  RemoteNode(NodeInfo info, NodeHealth.Options healthOptions) {
    this.healthOptions = healthOptions;
    this.liveness = NodeState.OFFLINE;
    describe(info);
  }

  void describe(NodeInfo newInfo) {
    info = newInfo;
    providerByModel.clear();
    for (ModelInfo model : info.models()) {
      providerByModel.put(model.id(), model.provider());
    }
    snapshot = null;
  }

  /** A new process of the node: nothing of the old one counts. */
  void restarted() {
    healthByProvider.clear();
    stats = NodeStats.NONE;
    sample = null;
    inFlight = 0;
    others = 0;
    suspect = false;
    draining = false;
    unregistered = false;
    snapshot = null;
  }

  void heard(long now, long wallMs) {
    lastHeard = now;
    lastHeartbeat = wallMs;
    suspect = false;
  }

  void registered(long wallMs) {
    registeredAt = wallMs;
    unregistered = false;
  }

  void unregister() {
    unregistered = true;
  }

  void report(NodeStats newStats, Sample newSample) {
    stats = newStats;
    if (newSample != null) {
      sample = newSample;
    }
    // What this hub has sent and not yet seen end is its own; the rest belongs to other hubs.
    others = Math.max(0, newStats.active() - inFlight);
    snapshot = null;
  }

  /** It refused a job for want of a place: full for this hub until its next heartbeat. */
  public void reportedFull() {
    others = Math.max(others, info.maxConcurrent() - inFlight);
    snapshot = null;
  }

  /** Whether it takes no new work. */
  public void drain(boolean value) {
    draining = value;
  }

  /** A job of it was never acknowledged: heartbeats may not have had the time to go missing. */
  public void suspect() {
    suspect = true;
  }

  boolean isSuspect() {
    return suspect;
  }

  /** Pretends that the node was heard later, by as long as this process itself stood still. */
  void forgive(long stallNanos) {
    lastHeard += stallNanos;
  }

  void liveness(NodeState state, String why, long now) {
    if (liveness != state) {
      stateSince = now;
      snapshot = null;
    }
    liveness = state;
    reason = why;
  }

  /** A job was sent to it. */
  public void sent(String model, long now) {
    inFlight++;
    snapshot = null;
    NodeHealth health = healthByProvider.get(provider(model));
    if (health != null) {
      health.sent(now);
    }
  }

  /** A job that was sent has ended in whatever way. */
  public void released() {
    inFlight = Math.max(0, inFlight - 1);
    snapshot = null;
  }

  public void succeeded(String model) {
    NodeHealth health = healthByProvider.get(provider(model));
    if (health != null) {
      health.succeeded();
    }
  }

  /** A job failed on it; only what the node or its provider is to blame for counts against it. */
  public void failed(String model, Fault fault, long now) {
    NodeHealth health =
        healthByProvider.computeIfAbsent(provider(model), p -> new NodeHealth(healthOptions));
    Failure failure = fault.failure();
    switch (failure) {
      case PROVIDER_LIMITED -> health.limitedFor(Math.max(fault.retryAfterMs(), 250), now);
      case PROVIDER_ERROR, PROVIDER_TIMEOUT, PROVIDER_AUTH, INTERNAL, STREAM_BROKEN, NODE_LOST ->
          health.failed(now);
      default -> health.undecided();
    }
  }

  /** Whether its provider of this model is neither ejected nor asked to be left alone. */
  boolean healthy(String model, long now) {
    NodeHealth health = healthByProvider.get(provider(model));
    return health == null || health.admits(now);
  }

  /** Whether nothing but an ejection keeps jobs for this model from it. */
  boolean isEjectedOnly(String model, long now) {
    NodeHealth health = healthByProvider.get(provider(model));
    return health != null && health.isEjected() && !health.isLimited(now);
  }

  /** Milliseconds until its provider of this model may be tried again; 0 when it may. */
  long waitMs(String model, long now) {
    NodeHealth health = healthByProvider.get(provider(model));
    return health == null ? 0 : health.waitMs(now);
  }

  /** The node as it is now, for the balancers. */
  public Node snapshot() {
    if (snapshot == null) {
      snapshot = new Node(info, state(), active());
    }
    return snapshot;
  }

  /** Its state, {@link NodeState#BUSY} when alive without a free place. */
  public NodeState state() {
    return liveness == NodeState.ONLINE && active() >= info.maxConcurrent()
        ? NodeState.BUSY
        : liveness;
  }

  NodeState liveness() {
    return liveness;
  }

  /** Whether it can be sent a job now. */
  boolean takesWork() {
    return (liveness == NodeState.ONLINE || liveness == NodeState.UNKNOWN)
        && !draining
        && active() < info.maxConcurrent();
  }

  /** Why it is in its state, or what keeps jobs from it; empty when all is well. */
  public String reason(long now) {
    if (!reason.isEmpty()) {
      return reason;
    }
    if (draining) {
      return "draining: finishes what runs, takes nothing new";
    }
    for (Map.Entry<String, NodeHealth> entry : healthByProvider.entrySet()) {
      NodeHealth health = entry.getValue();
      long wait = health.waitMs(now);
      if (health.isEjected()) {
        return "provider %s ejected after %d failures, next try in %d ms"
            .formatted(entry.getKey(), health.failuresInARow(), Math.max(0, wait));
      }
      if (wait > 0) {
        return "provider %s asked to be left alone for %d ms".formatted(entry.getKey(), wait);
      }
    }
    return "";
  }

  public NodeInfo info() {
    return info;
  }

  public String id() {
    return info.id();
  }

  public int active() {
    return inFlight + others;
  }

  public boolean isDraining() {
    return draining;
  }

  boolean isUnregistered() {
    return unregistered;
  }

  long lastHeard() {
    return lastHeard;
  }

  /** Milliseconds since the state last changed. */
  public long stateAgeMs(long now) {
    return (now - stateSince) / 1_000_000;
  }

  /** Milliseconds since 1970. */
  public long registeredAt() {
    return registeredAt;
  }

  /** Milliseconds since 1970. */
  public long lastHeartbeat() {
    return lastHeartbeat;
  }

  public NodeStats stats() {
    return stats;
  }

  /** The last sample of its machine, null before the first. */
  public Sample sample() {
    return sample;
  }

  private String provider(String model) {
    return providerByModel.getOrDefault(model, model);
  }
}
