package io.muster.identity;

import io.muster.bus.MessageTypes;
import io.muster.bus.Wire;
import io.muster.node.HubMessage;
import io.muster.node.NodeCommand;
import java.util.function.LongSupplier;

/**
 * Signs the commands that a hub gives nodes, with the key that all hubs of the fleet share, so that
 * no other member of the cluster can steer them: an order holds for one process of one node, once,
 * and not for long. Used on one thread.
 */
public final class CommandSigner {
  private final String hubId;
  private final NodeKeys keys;
  private final FleetKey key;
  private final LongSupplier clock;
  private long last;

  /**
   * @param keys the fleet's
   * @param secret {@code ROOT_NODE_SECRET}, null for none
   * @param clock milliseconds since 1970
   */
  public CommandSigner(String hubId, NodeKeys keys, String secret, LongSupplier clock) {
    this.hubId = hubId;
    this.keys = keys;
    this.key = FleetKey.of(keys.publicKey(), secret);
    this.clock = clock;
  }

  /** What nodes are told to know this fleet by. */
  public FleetKey key() {
    return key;
  }

  /**
   * Signs; each has a later time than the one before, though the clock may stand or go back.
   *
   * @param instance the node's process
   */
  public Order sign(String nodeId, String instance, Command command) {
    last = Math.max(last + 1, clock.getAsLong());
    Order unsigned =
        new Order(
            hubId,
            nodeId,
            instance,
            last,
            key,
            MessageTypes.nameOf(command.getClass()),
            Wire.encode((Record) command),
            null);
    return unsigned.with(keys.sign(unsigned.toBeSigned()));
  }

  /**
   * Makes what a hub says to a node believable: a welcome tells the fleet's key, a refusal is an
   * order to end.
   */
  public HubMessage vouch(HubMessage message) {
    if (message instanceof HubMessage.Welcome welcome) {
      return new HubMessage.Welcome(welcome.hubId(), welcome.nodeId(), welcome.instance(), key);
    }
    if (message instanceof HubMessage.Refused refused) {
      return new HubMessage.Refused(
          refused.hubId(),
          refused.nodeId(),
          refused.instance(),
          refused.reason(),
          sign(refused.nodeId(), refused.instance(), new NodeCommand.UnloadNode(refused.reason())));
    }
    return message;
  }
}
