package io.muster.worker.link;

import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.identity.FleetKey;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** How this worker is connected to the hubs: as a member of their cluster, or by a socket. */
public interface Fleet {
  /** Hears what becomes of the connection, on the worker's event loop. */
  interface Listener {
    /**
     * The hubs can hear this node from now on: it should register.
     *
     * @param key what the hub that was joined says of its fleet, null for nothing
     */
    void joined(String hubId, FleetKey key);

    /** This hub's process is gone; others may be there. */
    void hubGone(String hubId);

    /** No hub can be reached any more, for now. */
    void cutOff(String why);

    /** The hub does not take this node: there is no use in trying again. */
    void refused(String reason);
  }

  /** What the worker runs on. */
  Vertx vertx();

  /** What its messages travel on, whichever way. */
  Bus bus();

  /** Its member of the cluster; null for none. */
  String memberId();

  /** How it is connected, for people. */
  String describe();

  void listen(Listener listener);

  /**
   * Sees from now on that the hubs keep finding the addresses that this process serves.
   *
   * @return takes the addresses
   */
  Future<Consumer<Registration>> watch();

  /** The worker serves its address and may be registered. */
  void begin(Supplier<NodeInfo> self);

  /** Says something of this node to all hubs. */
  void announce(NodeMessage message);

  /**
   * Ends the connection, and Vert.x.
   *
   * @param limit after which it is given up
   * @return always succeeds
   */
  Future<Void> leave(Duration limit);
}
