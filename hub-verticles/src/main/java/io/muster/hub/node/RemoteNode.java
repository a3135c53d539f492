package io.muster.hub.node;

import io.muster.bus.Fault;
import io.muster.hub.fleet.StateCause;
import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a hub knows of one node: what it said, when it was last heard, and how its jobs went. Times
 * are nanoseconds of the registry's monotonic clock unless they say otherwise. Used on the hub's
 * event loop only.
 */
public final class RemoteNode {
  /** How long a provider is left alone that said no more than that it has too much. */
  private static final long LIMITED_MS = 250;

  private final NodeHealth.Options healthOptions;
  private final Map<String, NodeHealth> healthByProvider = new HashMap<>();
  private final Map<String, String> providerByModel = new HashMap<>();
  private NodeInfo info;
  private NodeState liveness;
  private StateCause cause;
  private boolean draining;
  private boolean held;
  private boolean unregistered;
  private long lastHeard;
  private long forgiven;
  private long stateSince;
  private long registeredAt;
  private long lastHeartbeat;
  private NodeStats stats = NodeStats.NONE;
  private Sample sample;
  private int inFlight;
  private int others;
  private Node snapshot;

  RemoteNode(NodeInfo info, NodeHealth.Options healthOptions) {
    this.healthOptions = healthOptions;
    this.liveness = NodeState.OFFLINE;
    describe(info);
  }

  void describe(NodeInfo newInfo) {
    boolean otherModels = info == null || !info.models().equals(newInfo.models());
    info = newInfo;
    snapshot = null;
    if (otherModels) {
      providerByModel.clear();
      for (ModelInfo model : info.models()) {
        providerByModel.putIfAbsent(model.id(), model.provider());
        providerByModel.put(model.provider() + "/" + model.id(), model.provider());
      }
      // A probe whose model went elsewhere will not be heard of again.
      healthByProvider.values().forEach(NodeHealth::undecided);
    }
  }

  /** A new process of the node: nothing of the old one counts. */
  void restarted() {
    healthByProvider.clear();
    stats = NodeStats.NONE;
    sample = null;
    inFlight = 0;
    others = 0;
    draining = false;
    snapshot = null;
  }

  void heard(long now, long wallMs) {
    lastHeard = now;
    lastHeartbeat = wallMs;
    forgiven = 0;
  }

  void registered(long wallMs) {
    registeredAt = wallMs;
  }

  /** Whether it has said that it leaves: its heartbeats count no more. */
  void unregistered(boolean value) {
    unregistered = value;
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

  /** Whether an administrator keeps new work from it, whatever it says itself. */
  void hold(boolean value) {
    held = value;
  }

  boolean isHeld() {
    return held;
  }

  /** Its silence counts for less, by as long of it as this process itself stood still. */
  void forgive(long stallNanos, long now) {
    forgiven += Math.min(stallNanos, Math.max(0, now - lastHeard - forgiven));
  }

  /**
   * @param why null when it is the clock that says so
   */
  void liveness(NodeState state, StateCause why, long now) {
    if (liveness != state) {
      stateSince = now;
      snapshot = null;
    }
    liveness = state;
    cause = why;
  }

  /** A job was sent to it. */
  public void sent(String model, long now) {
    inFlight++;
    snapshot = null;
    NodeHealth health = known(model);
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
    NodeHealth health = known(model);
    if (health != null) {
      health.succeeded();
    }
  }

  /** A job failed on it; only what the node or its provider is to blame for counts against it. */
  public void failed(String model, Fault fault, long now) {
    switch (fault.failure()) {
      case PROVIDER_LIMITED ->
          healthOf(model).limitedFor(Math.max(fault.retryAfterMs(), LIMITED_MS), now);
      case PROVIDER_ERROR, PROVIDER_TIMEOUT, PROVIDER_AUTH, INTERNAL, STREAM_BROKEN, NODE_LOST ->
          healthOf(model).failed(now);
      default -> {
        NodeHealth health = known(model);
        if (health != null) {
          health.undecided();
        }
      }
    }
  }

  /** Whether its provider of this model is neither ejected nor asked to be left alone. */
  boolean healthy(String model, long now) {
    NodeHealth health = known(model);
    return health == null || health.admits(now);
  }

  /** Whether nothing but an ejection keeps jobs for this model from it. */
  boolean isEjectedOnly(String model, long now) {
    NodeHealth health = known(model);
    return health != null && health.isEjected() && !health.isLimited(now);
  }

  /** Milliseconds for which its provider of this model asked to be left alone. */
  long limitedMs(String model, long now) {
    NodeHealth health = known(model);
    return health == null ? 0 : health.limitedMs(now);
  }

  /** The node as it is now, for the balancers. */
  public Node snapshot() {
    if (snapshot == null) {
      snapshot = new Node(info, state(), active());
    }
    return snapshot;
  }

  /** Its state: alive, it may be {@link NodeState#BUSY} or {@link NodeState#DEGRADED}. */
  public NodeState state() {
    if (liveness != NodeState.ONLINE) {
      return liveness;
    }
    if (active() >= info.maxConcurrent()) {
      return NodeState.BUSY;
    }
    return sample == null || sample.alarms().isEmpty() ? NodeState.ONLINE : NodeState.DEGRADED;
  }

  NodeState liveness() {
    return liveness;
  }

  /** Whether it can be sent a job now. */
  boolean takesWork() {
    return (liveness == NodeState.ONLINE || liveness == NodeState.UNKNOWN)
        && !isDraining()
        && active() < info.maxConcurrent();
  }

  /**
   * Why it is in its state.
   *
   * @param wallMs milliseconds since 1970
   */
  public StateCause cause(long wallMs) {
    if (liveness == NodeState.ONLINE) {
      return new StateCause.Heard(lastHeartbeat);
    }
    return cause == null ? new StateCause.Silent(Math.min(wallMs, lastHeartbeat)) : cause;
  }

  /**
   * A provider that gets no jobs for a while.
   *
   * @param failures how many jobs failed on it, one after the other
   * @param waitMs milliseconds until it is tried again
   */
  public record Ejection(String provider, int failures, long waitMs) {}

  /** The ejection that ends first, when all providers of the node are ejected. */
  public Optional<Ejection> ejectionOfAll(long now) {
    Ejection first = null;
    for (ModelInfo model : info.models()) {
      NodeHealth health = healthByProvider.get(model.provider());
      if (health == null || !health.isEjected()) {
        return Optional.empty();
      }
      if (first == null || health.ejectedMs(now) < first.waitMs()) {
        first = new Ejection(model.provider(), health.failuresInARow(), health.ejectedMs(now));
      }
    }
    return Optional.ofNullable(first);
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
    return draining || held;
  }

  boolean isUnregistered() {
    return unregistered;
  }

  /** Milliseconds since it was heard, in which this process could have heard it. */
  long silentMs(long now) {
    return Math.max(0, now - lastHeard - forgiven) / 1_000_000;
  }

  /** Milliseconds since it was heard, whatever this process did meanwhile. */
  long unheardMs(long now) {
    return (now - lastHeard) / 1_000_000;
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

  private NodeHealth healthOf(String model) {
    return healthByProvider.computeIfAbsent(provider(model), p -> new NodeHealth(healthOptions));
  }

  /** The health of a model's provider; null when it has always been fine: nearly always. */
  private NodeHealth known(String model) {
    return healthByProvider.isEmpty() ? null : healthByProvider.get(provider(model));
  }

  private String provider(String model) {
    return providerByModel.getOrDefault(model, model);
  }
}
