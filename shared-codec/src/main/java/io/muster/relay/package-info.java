/**
 * The bus over one WebSocket, for nodes that are no members of the cluster: both ends use the same
 * {@link io.muster.relay.RelayPeer}.
 */
package io.muster.relay;
