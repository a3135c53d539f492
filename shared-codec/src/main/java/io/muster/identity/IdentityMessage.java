package io.muster.identity;

/**
 * What hubs tell each other of nodes' identities, at {@link io.muster.bus.Addresses#IDENTITIES}.
 */
public sealed interface IdentityMessage {
  /** Somebody changed what the database says of the node: whoever knows it looks it up anew. */
  record IdentityChanged(String nodeId) implements IdentityMessage {}
}
