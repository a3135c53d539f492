package io.muster.hub.ops;

/**
 * How the hub is in its cluster.
 *
 * @param joined whether it is a member, and its own addresses answer
 * @param members of the cluster, this one among them
 * @param trouble what is wrong, null when nothing is; names no host
 */
public record ClusterStatus(boolean joined, int members, String trouble) {}
