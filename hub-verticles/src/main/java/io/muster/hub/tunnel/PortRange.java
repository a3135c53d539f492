package io.muster.hub.tunnel;

/**
 * The ports of an frp server that the hub leases, both ends included.
 *
 * @param perNode tunnels that a node may have
 */
record PortRange(int from, int to, int perNode) {
  boolean contains(int port) {
    return port >= from && port <= to;
  }
}
