package io.muster.hub.gateway;

/**
 * Limits of the nodes' socket; times in milliseconds.
 *
 * @param hubId this hub
 * @param memberId its member of the cluster: nodes at its socket go with it
 * @param version of Muster
 * @param vcpKey what nodes of other makes show in the path; null when nothing is asked for
 * @param secret {@code ROOT_NODE_SECRET}, null when there is none
 * @param heartbeatIntervalMs what nodes are asked for
 * @param heartbeatTimeoutMs silence after which a node is offline
 * @param busHeartbeatMs how often this hub says on the bus that its nodes live
 * @param maxFaults wrong frames a minute that are answered
 * @param maxJsonDepth deepest nesting of a frame
 */
public record GatewayOptions(
    String hubId,
    String memberId,
    String version,
    String vcpKey,
    String secret,
    long heartbeatIntervalMs,
    long heartbeatTimeoutMs,
    long busHeartbeatMs,
    long authTimeoutMs,
    int maxConnections,
    int maxPerAddress,
    int maxUnproved,
    int maxFrameBytes,
    int maxFaults,
    long pingIntervalMs,
    long idleTimeoutMs,
    int sendBufferBytes,
    int maxJsonDepth) {}
