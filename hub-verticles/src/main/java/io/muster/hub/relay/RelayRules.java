package io.muster.hub.relay;

import io.muster.bus.Addresses;
import io.muster.event.ClusterEvent;
import io.muster.job.FrameBatch;
import io.muster.llm.LlmMessage;
import io.muster.node.NodeMessage;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * What a node at a socket may send where: its own word to the hubs, the frames of its jobs, events
 * of its own, and what features add. On the bus everybody may say everything; over a socket nobody
 * speaks for another.
 */
public final class RelayRules {
  private static final String FRAMES = Addresses.frames("");

  private final Map<String, BiPredicate<String, Record>> more;

  /**
   * @param more by address: whether the node with this id may send this message there
   */
  public RelayRules(Map<String, BiPredicate<String, Record>> more) {
    this.more = Map.copyOf(more);
  }

  /** Whether the node may send this message to one of those who serve the address. */
  boolean mayTell(String nodeId, String address, Record message) {
    if (address.startsWith(FRAMES)) {
      return (message instanceof FrameBatch batch && nodeId.equals(batch.nodeId()))
          || (message instanceof LlmMessage.CallCredit credit && nodeId.equals(credit.nodeId()))
          || (message instanceof LlmMessage.CallOff cancel && nodeId.equals(cancel.nodeId()));
    }
    return isAdded(nodeId, address, message);
  }

  /** Whether the node may ask this there. */
  boolean mayAsk(String nodeId, String address, Record question) {
    return isAdded(nodeId, address, question);
  }

  /** Whether the node may tell this to all who listen there. */
  boolean mayPublish(String nodeId, String address, Record message) {
    if (address.equals(Addresses.HUBS)) {
      return isOwnWord(nodeId, message);
    }
    if (address.equals(Addresses.EVENTS)) {
      return message instanceof ClusterEvent event && nodeId.equals(event.source());
    }
    return isAdded(nodeId, address, message);
  }

  /** The id of the hub whose address for frames this is; null when it is none. */
  static String hubOf(String address) {
    return address.startsWith(FRAMES) ? address.substring(FRAMES.length()) : null;
  }

  private static boolean isOwnWord(String nodeId, Record message) {
    if (message instanceof NodeMessage.Register register) {
      return register.info() != null && nodeId.equals(register.nodeId());
    }
    return (message instanceof NodeMessage.Heartbeat
            || message instanceof NodeMessage.Drain
            || message instanceof NodeMessage.Unregister)
        && nodeId.equals(((NodeMessage) message).nodeId());
  }

  private boolean isAdded(String nodeId, String address, Record message) {
    BiPredicate<String, Record> rule = more.get(address);
    return rule != null && rule.test(nodeId, message);
  }
}
