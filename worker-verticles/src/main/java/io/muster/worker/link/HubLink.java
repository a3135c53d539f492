package io.muster.worker.link;

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
   * @param millis milliseconds since 1970
   */
  public HubLink(
      Supplier<NodeInfo> info,
      Function<NodeInfo, String> proof,
      Supplier<NodeStats> stats,
      Supplier<Sample> sample,
      Consumer<NodeMessage> publish,
      Consumer<String> refused,
      LongSupplier millis) {
    this.info = info;
    this.proof = proof;
    this.stats = stats;
    this.sample = sample;
    this.publish = publish;
    this.refused = refused;
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
      if (isMe(node, welcome.nodeId(), welcome.instance())
          && hubs.put(welcome.hubId(), millis.getAsLong()) == null) {
        log.info("registered at hub {}", welcome.hubId());
      }
    } else if (message instanceof HubMessage.Unknown unknown) {
      if (isMe(node, unknown.nodeId(), unknown.instance())) {
        register();
      }
    } else if (message instanceof HubMessage.Refused refusal
        && !gone
        && isMe(node, refusal.nodeId(), refusal.instance())) {
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

  private static boolean isMe(NodeInfo node, String nodeId, String instance) {
    return node.id().equals(nodeId) && node.instance().equals(instance);
  }
}
