package io.muster.node;

/**
 * What one hub tells all hubs, at {@link io.muster.bus.Addresses#FLEET}, when it has changed in the
 * database what they keep in memory. Only a hint: each also looks there once in a while.
 */
public sealed interface FleetNotice {
  String hubId();

  /** Nodes are drained, resumed or tagged, or groups are others. */
  record SteeringChanged(String hubId) implements FleetNotice {}

  /** A node is to be forgotten. */
  record NodeForgotten(String hubId, String nodeId) implements FleetNotice {}
}
