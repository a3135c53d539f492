/** Tunnels of frp servers to the nodes: which are to be, and who holds which port. */
package io.muster.hub.tunnel;
