/**
 * Tunnels of an frp server that lead to this machine: {@link TunnelFeature} asks the hub which are
 * to be, {@link FrpcSupervisor} keeps frpc running with them.
 */
package io.muster.worker.tunnel;
