package io.muster.hub.node;

import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.node.Proof;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a node's messages through to the registry; a registration only when it shows the fleet's
 * secret, where the hub has one.
 */
public final class NodeGate {
  private static final Logger log = LoggerFactory.getLogger(NodeGate.class);

  private final String hubId;
  private final String secret;
  private final Consumer<NodeMessage> admitted;
  private final Consumer<HubMessage> tellNodes;

  /**
   * @param secret {@code ROOT_NODE_SECRET}, null when every node may register
   */
  public NodeGate(
      String hubId, String secret, Consumer<NodeMessage> admitted, Consumer<HubMessage> tellNodes) {
    this.hubId = hubId;
    this.secret = secret;
    this.admitted = admitted;
    this.tellNodes = tellNodes;
  }

  /** What a node published. */
  public void receive(NodeMessage message) {
    if (secret != null
        && message instanceof NodeMessage.Register register
        && !Proof.holds(secret, register)) {
      log.warn("node {} is not admitted: it does not have ROOT_NODE_SECRET", register.nodeId());
      tellNodes.accept(
          new HubMessage.Refused(
              hubId,
              register.nodeId(),
              register.instance(),
              "ROOT_NODE_SECRET: is "
                  + (register.proof() == null ? "not set here" : "another here")
                  + " than at the hub: set the same on both"));
      return;
    }
    admitted.accept(message);
  }
}
