package io.muster.hub.ops;

import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.cluster.SubscriptionWatch;

/**
 * How the hub is in its cluster.
 *
 * @param joined whether it is a member
 * @param members of the cluster, this one among them
 * @param trouble what is wrong, null when nothing is; names no host
 */
public record ClusterStatus(boolean joined, int members, String trouble) {
  /** As things are now. */
  public static ClusterStatus of(Cluster cluster, SubscriptionWatch watch) {
    return cluster.isMember()
        ? new ClusterStatus(true, cluster.members().size(), watch.trouble().orElse(null))
        : new ClusterStatus(false, 0, null);
  }
}
