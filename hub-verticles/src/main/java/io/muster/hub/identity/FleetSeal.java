package io.muster.hub.identity;

import io.muster.identity.Command;
import io.muster.identity.CommandGuard;
import io.muster.identity.CommandSigner;
import io.muster.identity.FleetKey;
import io.muster.identity.FleetTrust;
import io.muster.identity.NodeKeys;
import io.muster.identity.Order;
import io.muster.node.HubMessage;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Makes nodes believe a hub: signs what it orders with the key that all hubs of the database share,
 * and judges orders in the place of nodes of other makes.
 *
 * <p>Why that key, and not the one that a hub makes for its process: a node can look into no
 * database, so it has to keep what it trusts, and a process' key is another after every start. Why
 * no HMAC with {@code ROOT_NODE_SECRET}: every worker has that, so any of them could steer the
 * others. The secret only vouches for the key when a node first hears of it; from then on the node
 * keeps it (the worker's {@code FleetPin}).
 */
public final class FleetSeal {
  private final CommandSigner signer;
  private final FleetTrust own;
  private final long clockSkewMs;
  private final LongSupplier millis;

  /**
   * @param fleet from {@link Identities#fleetKeys}
   * @param secret {@code ROOT_NODE_SECRET}, null for none
   * @param clockSkewMs how far another hub's clock may differ
   * @param millis milliseconds since 1970
   */
  public FleetSeal(
      String hubId, NodeKeys fleet, String secret, long clockSkewMs, LongSupplier millis) {
    this.signer = new CommandSigner(hubId, fleet, secret, millis);
    this.own = FleetTrust.only(fleet.publicKey());
    this.clockSkewMs = clockSkewMs;
    this.millis = millis;
  }

  /** What nodes are told to know this fleet by. */
  public FleetKey key() {
    return signer.key();
  }

  /** The command, as the node takes it. */
  public Order sign(String nodeId, String instance, Command command) {
    return signer.sign(nodeId, instance, command);
  }

  /** What is to be said to nodes, with what makes them believe it. */
  public HubMessage vouch(HubMessage message) {
    return signer.vouch(message);
  }

  /** Judges orders for the process of a node. */
  public CommandGuard guard(String nodeId, Supplier<String> instance) {
    return new CommandGuard(nodeId, instance, own, clockSkewMs, millis);
  }
}
