/** Tunnels: ports of an frp server that lead to a node's own services. */
package io.muster.tunnel;
