package io.muster.runtime.cluster;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.NodeInfo;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.util.List;

/**
 * What the cluster itself has written down of this member: where its bus is, and which addresses it
 * serves. A member that has not called an address before looks here, and nowhere else.
 */
final class SubscriptionTable {
  private final ClusterManager manager;

  SubscriptionTable(ClusterManager manager) {
    this.manager = manager;
  }

  /**
   * Whether the cluster knows that this member serves the address.
   *
   * @return fails when the table cannot be read now
   */
  Future<Boolean> has(String address) {
    Promise<List<RegistrationInfo>> promise = Promise.promise();
    manager.getRegistrations(address, promise);
    String self = manager.getNodeId();
    return promise
        .future()
        .map(
            entries ->
                entries.stream()
                    .anyMatch(entry -> !entry.localOnly() && entry.nodeId().equals(self)));
  }

  /**
   * Writes down where this member's bus is, if that was lost.
   *
   * @return whether it was lost
   */
  Future<Boolean> restoreNode() {
    Promise<NodeInfo> known = Promise.promise();
    manager.getNodeInfo(manager.getNodeId(), known);
    NodeInfo own = manager.getNodeInfo();
    return known
        .future()
        .map(info -> info.host().equals(own.host()) && info.port() == own.port())
        .otherwise(false)
        .compose(
            fine -> {
              if (fine) {
                return Future.succeededFuture(false);
              }
              Promise<Void> written = Promise.promise();
              manager.setNodeInfo(own, written);
              return written.future().map(true);
            });
  }
}
