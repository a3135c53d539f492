package io.muster.identity;

/**
 * What a node does for the hubs of its fleet and for nobody else on the bus: it is taken only
 * within an {@link Order}. A message that changes something on a node, or shows something of it, is
 * one of these.
 */
public interface Command {}
