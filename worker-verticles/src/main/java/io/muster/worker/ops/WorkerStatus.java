package io.muster.worker.ops;

import io.muster.node.NodeInfo;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** What a worker does now. Read on the event loop; every list is a snapshot. */
public interface WorkerStatus {
  /** Whether it knows by now what it is: before, nothing can be told of it. */
  default boolean isKnown() {
    return true;
  }

  /** What it registers with. */
  NodeInfo info();

  /** Whether it serves clients without a hub, too. */
  default boolean servesAlone() {
    return false;
  }

  /** Whether it takes no new work. */
  boolean draining();

  /** The hubs that have taken its registration and are still there. */
  List<HubSeen> hubs();

  /** Its providers, those that cannot be reached among them. */
  List<ProviderSeen> providers();

  /** What its features say of themselves, by their names. */
  JsonObject features();

  /** All parts of its health, looked at now; never fails. */
  Future<HealthReport> health();

  /** What its features add to it. */
  List<HealthCheck> featuresHealth();

  /**
   * A hub on the bus.
   *
   * @param version of its Muster, null when it did not say
   * @param since when it took the registration, in milliseconds since 1970
   */
  record HubSeen(String id, String version, long since) {}

  /**
   * A provider of models.
   *
   * @param models how many it offers
   * @param reachable whether it answered when it was last called
   * @param trouble what is wrong, null when nothing is; names no address and no secret
   */
  record ProviderSeen(String name, int models, boolean reachable, String trouble) {}
}
