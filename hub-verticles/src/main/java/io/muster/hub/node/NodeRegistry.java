package io.muster.hub.node;

import io.muster.hub.fleet.StateCause;
import io.muster.node.HubMessage;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * All nodes a hub knows, and how alive each is. Three witnesses tell, the fastest wins: the cluster
 * when a member goes, the clock when heartbeats are missing, the dispatcher when jobs fail. Used on
 * the hub's event loop only.
 */
public final class NodeRegistry {
  private static final Logger log = LoggerFactory.getLogger(NodeRegistry.class);
  private static final long MS = 1_000_000;
  private static final int UNABLE = 3;

  private final String hubId;
  private final Options options;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final NodeEvents events;
  private final Map<String, RemoteNode> nodes = new LinkedHashMap<>();
  private final Map<String, List<RemoteNode>> byModel = new LinkedHashMap<>();
  private long lastSweep;

  /**
   * @param heartbeatIntervalMs how often nodes say that they live; three missed make them unknown
   * @param heartbeatTimeoutMs silence that makes them offline
   */
  public record Options(
      long heartbeatIntervalMs,
      long heartbeatTimeoutMs,
      int ejectAfterFailures,
      long ejectBaseMs,
      long ejectMaxMs) {
    NodeHealth.Options health() {
      return new NodeHealth.Options(ejectAfterFailures, ejectBaseMs, ejectMaxMs);
    }
  }

  /**
   * @param clock for the times that people see
   * @param nanoTime a monotonic clock, for everything that is decided by time
   */
  public NodeRegistry(
      String hubId, Options options, Clock clock, LongSupplier nanoTime, NodeEvents events) {
    this.hubId = hubId;
    this.options = options;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.events = events;
    this.lastSweep = nanoTime.getAsLong();
  }

  /** Takes over what a hub before this one knew: offline until the node speaks. */
  public void recall(NodeInfo info, long registeredAt, long lastHeartbeat) {
    if (nodes.containsKey(info.id())) {
      return;
    }
    RemoteNode node = new RemoteNode(info, options.health());
    node.registered(registeredAt);
    node.heard(nanoTime.getAsLong(), lastHeartbeat);
    node.liveness(NodeState.OFFLINE, new StateCause.Recorded(lastHeartbeat), nanoTime.getAsLong());
    nodes.put(info.id(), node);
    index();
  }

  /** What a node published. */
  public void receive(NodeMessage message) {
    if (message instanceof NodeMessage.Register register) {
      register(register.info());
      return;
    }
    RemoteNode node = nodes.get(message.nodeId());
    if (node == null || !node.info().instance().equals(message.instance())) {
      if (message instanceof NodeMessage.Heartbeat) {
        events.tellNodes(new HubMessage.Unknown(hubId, message.nodeId(), message.instance()));
      }
      return;
    }
    if (message instanceof NodeMessage.Heartbeat heartbeat) {
      heartbeat(node, heartbeat);
    } else if (message instanceof NodeMessage.Drain drain) {
      log.info("node {} drains: {}", node.id(), drain.reason());
      node.drain(true);
    } else if (message instanceof NodeMessage.Unregister unregister) {
      node.unregistered(true);
      offline(node, new StateCause.Unregistered(unregister.reason()));
    }
  }

  /** A member of the cluster went away: its nodes are gone now, whatever their heartbeats say. */
  public void memberGone(String memberId) {
    for (RemoteNode node : List.copyOf(nodes.values())) {
      if (memberId.equals(node.info().memberId()) && node.liveness() != NodeState.OFFLINE) {
        offline(node, new StateCause.MemberLeft());
      }
    }
  }

  /** A job of the node failed in a way that casts doubt on the node itself, not on its provider. */
  public void suspect(RemoteNode node, String why) {
    if (node.liveness() == NodeState.ONLINE) {
      log.warn("node {} is suspect: {}", node.id(), why);
      node.liveness(NodeState.UNKNOWN, new StateCause.Unreachable(why), nanoTime.getAsLong());
    }
  }

  /** Judges all nodes by the clock; called several times in a heartbeat's interval. */
  public void sweep() {
    long now = nanoTime.getAsLong();
    forgiveOwnStall(now);
    for (RemoteNode node : List.copyOf(nodes.values())) {
      if (node.liveness() == NodeState.OFFLINE) {
        continue;
      }
      long silentMs = node.silentMs(now);
      if (silentMs >= options.heartbeatTimeoutMs()) {
        offline(node, new StateCause.Silent(node.lastHeartbeat()));
      } else if (silentMs >= 3 * options.heartbeatIntervalMs()
          && node.liveness() == NodeState.ONLINE) {
        log.warn("node {} is late: no heartbeat for {} ms", node.id(), silentMs);
        node.liveness(NodeState.UNKNOWN, new StateCause.Silent(node.lastHeartbeat()), now);
      }
    }
  }

  /**
   * The nodes that can be sent a job for this model now: online ones with a healthy provider; where
   * there is none, unknown ones; where there is none either, those with an ejected provider, since
   * a true error is worth more than none (unless the provider itself asked to be left alone).
   */
  public List<RemoteNode> able(String model) {
    List<RemoteNode> serving = byModel.get(model);
    if (serving == null) {
      return List.of();
    }
    long now = nanoTime.getAsLong();
    List<RemoteNode> able = new ArrayList<>(serving.size());
    int rank = UNABLE;
    for (int i = 0; i < serving.size(); i++) {
      RemoteNode node = serving.get(i);
      int its = rank(node, model, now);
      if (its < rank) {
        able.clear();
        rank = its;
      }
      if (its == rank && its != UNABLE) {
        able.add(node);
      }
    }
    return able;
  }

  /** How far down {@link #able}'s list of wishes a node is. */
  private static int rank(RemoteNode node, String model, long now) {
    if (!node.takesWork()) {
      return UNABLE;
    }
    if (node.healthy(model, now)) {
      return node.liveness() == NodeState.ONLINE ? 0 : 1;
    }
    return node.isEjectedOnly(model, now) ? 2 : UNABLE;
  }

  /**
   * Milliseconds for which all providers of this model that live asked to be left alone; 0 when one
   * did not.
   */
  public long waitMs(String model) {
    long now = nanoTime.getAsLong();
    long least = Long.MAX_VALUE;
    for (RemoteNode node : byModel.getOrDefault(model, List.of())) {
      if (node.liveness() != NodeState.OFFLINE && !node.isDraining()) {
        least = Math.min(least, node.limitedMs(model, now));
      }
    }
    return least == Long.MAX_VALUE ? 0 : least;
  }

  /** Whether any node, gone ones included, serves this model. */
  public boolean knows(String model) {
    return byModel.containsKey(model);
  }

  /** Whether a node that lives serves any model. */
  public boolean servesModels() {
    for (RemoteNode node : nodes.values()) {
      if (node.liveness() != NodeState.OFFLINE && !node.info().models().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  /** What some node says of this model. */
  public Optional<ModelInfo> model(String model) {
    for (RemoteNode node : byModel.getOrDefault(model, List.of())) {
      for (ModelInfo info : node.info().models()) {
        if (info.id().equals(model) || model.equals(info.provider() + "/" + info.id())) {
          return Optional.of(info);
        }
      }
    }
    return Optional.empty();
  }

  public Collection<RemoteNode> all() {
    return nodes.values();
  }

  public Optional<RemoteNode> find(String nodeId) {
    return Optional.ofNullable(nodes.get(nodeId));
  }

  /** Nanoseconds of the clock that decides. */
  public long now() {
    return nanoTime.getAsLong();
  }

  private void register(NodeInfo info) {
    RemoteNode node = nodes.get(info.id());
    boolean sameProcess = node != null && node.info().instance().equals(info.instance());
    if (node != null && !sameProcess && node.liveness() != NodeState.OFFLINE) {
      if (aliveElsewhere(node, info)) {
        log.warn("node {} is refused: another running node has its id", info.id());
        events.tellNodes(
            new HubMessage.Refused(
                hubId,
                info.id(),
                info.instance(),
                "another running node has the id " + info.id() + ": give this one its own"));
        return;
      }
      offline(node, new StateCause.Unregistered("a new process took its place"));
    }
    boolean wasGone = node == null || node.liveness() != NodeState.ONLINE;
    boolean otherModels = node == null || !node.info().models().equals(info.models());
    if (node == null) {
      node = new RemoteNode(info, options.health());
      nodes.put(info.id(), node);
    }
    if (!sameProcess) {
      node.restarted();
      node.registered(clock.millis());
    }
    node.unregistered(false);
    node.describe(info);
    node.heard(nanoTime.getAsLong(), clock.millis());
    node.liveness(NodeState.ONLINE, null, nanoTime.getAsLong());
    index();
    events.tellNodes(new HubMessage.Welcome(hubId, info.id(), info.instance()));
    if (wasGone || otherModels) {
      log.info(
          "node {} is online: {} models, {} jobs at once",
          info.id(),
          info.models().size(),
          info.maxConcurrent());
      events.changed(node);
    }
    events.available(node);
  }

  /**
   * Whether the known process of the node still lives, so that the new one is an impostor or a
   * mistake: it was heard within the last two intervals (while this hub stood still it was not),
   * and it is not this very process of the cluster under another instance.
   */
  private boolean aliveElsewhere(RemoteNode node, NodeInfo info) {
    long unheardMs = node.unheardMs(nanoTime.getAsLong());
    boolean sameMember = info.memberId() != null && info.memberId().equals(node.info().memberId());
    return !sameMember && unheardMs < 2 * options.heartbeatIntervalMs();
  }

  private void heartbeat(RemoteNode node, NodeMessage.Heartbeat heartbeat) {
    long now = nanoTime.getAsLong();
    node.heard(now, clock.millis());
    node.report(heartbeat.stats(), heartbeat.sample());
    node.drain(heartbeat.draining());
    if (node.liveness() != NodeState.ONLINE && !node.isUnregistered()) {
      log.info("node {} is heard again", node.id());
      node.liveness(NodeState.ONLINE, null, now);
      events.changed(node);
    }
    events.heard(node);
    events.available(node);
  }

  private void offline(RemoteNode node, StateCause cause) {
    String why = cause.text(clock.millis());
    log.atLevel(cause instanceof StateCause.Unregistered ? Level.INFO : Level.WARN)
        .log("node {} is offline: {}", node.id(), why);
    node.liveness(NodeState.OFFLINE, cause, nanoTime.getAsLong());
    events.lost(node, why);
    events.changed(node);
  }

  /** A hub that stood still itself (stopped, swapped out) has no right to call others late. */
  private void forgiveOwnStall(long now) {
    long gap = now - lastSweep;
    lastSweep = now;
    if (gap <= options.heartbeatIntervalMs() * MS) {
      return;
    }
    boolean wronged = false;
    for (RemoteNode node : nodes.values()) {
      node.forgive(gap, now);
      wronged |= node.liveness() != NodeState.OFFLINE;
    }
    if (wronged) {
      log.warn("this hub stood still for {} ms", gap / MS);
    }
  }

  private void index() {
    byModel.clear();
    for (RemoteNode node : nodes.values()) {
      for (ModelInfo model : node.info().models()) {
        index(model.id(), node);
        index(model.provider() + "/" + model.id(), node);
      }
    }
  }

  /** Two providers of a node may have the same model: it is one node all the same. */
  private void index(String model, RemoteNode node) {
    List<RemoteNode> serving = byModel.computeIfAbsent(model, m -> new ArrayList<>(4));
    if (!serving.contains(node)) {
      serving.add(node);
    }
  }
}
