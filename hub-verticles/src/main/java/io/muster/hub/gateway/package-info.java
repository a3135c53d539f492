/**
 * Nodes that join by a WebSocket: {@code NodeSocketRoutes} lets a connection in, {@code NodeSocket}
 * carries its frames, {@code NodeConnection} is what is said on it, {@code Gateway} speaks for all
 * of them on the bus.
 */
package io.muster.hub.gateway;
