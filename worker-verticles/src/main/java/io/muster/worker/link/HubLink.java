package io.muster.worker.link;

import io.muster.bus.FaultException;
import io.muster.identity.CommandGuard;
import io.muster.metric.Sample;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this worker and the hubs say to each other about the worker itself. Pure but for the two
 * functions by which it speaks.
 *
 * <pre>
 *   JOINING ──welcome──▶ JOINED ──drain──▶ DRAINING ──unregister──▶ GONE
 *      │                    ◀────resume────
 *      └──refused──▶ (the process ends)
 * </pre>
 */
public final class HubLink {
  private static final Logger log = LoggerFactory.getLogger(HubLink.class);

  private final Supplier<NodeInfo> info;
  private final Function<NodeInfo, String> proof;
  private final Supplier<NodeStats> stats;
  private final Supplier<Sample> sample;
  private final Consumer<NodeMessage> publish;
  private final Consumer<String> refused;
  private final FleetPin pin;
  private final CommandGuard guard;
  private final LongSupplier millis;
  private final Map<String, Long> hubs = new HashMap<>();
  private boolean draining;
  private String drainReason;
  private boolean gone;

  /**
   * @param proof shows that this node has the fleet's secret; gives null where there is none
   * @param sample gives the machine's last figures, or null
   * @param publish sends to all hubs
   * @param refused is told why a hub does not take this node
   * @param pin is told the fleet's key
   * @param guard judges whether a hub of the fleet refuses this node
   * @param millis milliseconds since 1970
   */
  public HubLink(
      Supplier<NodeInfo> info,
      Function<NodeInfo, String> proof,
      Supplier<NodeStats> stats,
      Supplier<Sample> sample,
      Consumer<NodeMessage> publish,
      Consumer<String> refused,
      FleetPin pin,
      CommandGuard guard,
      LongSupplier millis) {
    this.info = info;
    this.proof = proof;
    this.stats = stats;
    this.sample = sample;
    this.publish = publish;
    this.refused = refused;
    this.pin = pin;
    this.guard = guard;
    this.millis = millis;
  }

  /** Says what this node is and serves: at the start, when a hub asks, when its models change. */
  public void register() {
    if (!gone) {
      NodeInfo node = info.get();
      publish.accept(new NodeMessage.Register(node, proof.apply(node)));
      if (draining) {
        publish.accept(new NodeMessage.Drain(node.id(), node.instance(), drainReason));
      }
    }
  }

  /** Says that this node lives. */
  public void heartbeat() {
    if (!gone) {
      NodeInfo node = info.get();
      publish.accept(
          new NodeMessage.Heartbeat(
              node.id(), node.instance(), draining, stats.get(), sample.get()));
    }
  }

  /** What a hub published. */
  public void receive(HubMessage message) {
    NodeInfo node = info.get();
    if (message instanceof HubMessage.Hello hello) {
      log.info("hub {} says hello", hello.hubId());
      register();
    } else if (message instanceof HubMessage.Welcome welcome) {
      if (isMe(node, welcome.nodeId(), welcome.instance())) {
        pin.introduced(welcome.hubId(), welcome.key());
        if (hubs.put(welcome.hubId(), millis.getAsLong()) == null) {
          log.info("registered at hub {}", welcome.hubId());
        }
      }
    } else if (message instanceof HubMessage.Unknown unknown) {
      if (isMe(node, unknown.nodeId(), unknown.instance())) {
        register();
      }
    } else if (message instanceof HubMessage.Refused refusal
        && !gone
        && isMe(node, refusal.nodeId(), refusal.instance())
        && isBelieved(refusal)) {
      refused.accept(refusal.reason());
    }
  }

  /** Takes no new work from now on, and says so. */
  public void drain(String reason) {
    draining = true;
    drainReason = reason;
    NodeInfo node = info.get();
    publish.accept(new NodeMessage.Drain(node.id(), node.instance(), reason));
  }

  /** Takes work again; the heartbeat says so. */
  public void resume() {
    draining = false;
    heartbeat();
  }

  /** Leaves; nothing is said any more. */
  public void unregister(String reason) {
    NodeInfo node = info.get();
    publish.accept(new NodeMessage.Unregister(node.id(), node.instance(), reason));
    gone = true;
  }

  /** The hubs that have taken this node's registration, with when, in milliseconds since 1970. */
  public Map<String, Long> hubs() {
    return Map.copyOf(hubs);
  }

  /** A hub's process is gone. */
  public void forget(String hubId) {
    if (hubs.remove(hubId) != null) {
      log.warn("hub {} is gone", hubId);
    }
  }

  /** No hub can be reached any more. */
  public void forgetAll() {
    hubs.clear();
  }

  /**
   * Before any hub has taken this node it is of no use, whoever says so; later only its hubs may
   * end it.
   */
  private boolean isBelieved(HubMessage.Refused refusal) {
    if (!pin.isSet()) {
      return true;
    }
    try {
      guard.open(refusal.seal());
      return true;
    } catch (FaultException e) {
      log.warn("{} refuses this node: {}; {}", refusal.hubId(), refusal.reason(), e.getMessage());
      return false;
    }
  }

  private static boolean isMe(NodeInfo node, String nodeId, String instance) {
    return node.id().equals(nodeId) && node.instance().equals(instance);
  }
}
