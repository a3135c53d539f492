package io.muster.hub.relay;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.hub.gateway.BinaryPeer;
import io.muster.hub.gateway.NodeSession;
import io.muster.node.HubMessage;
import io.muster.relay.RelayPeer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * All workers of Muster's own that are connected to this hub by a socket. For each the hub serves
 * the worker's address on the bus, passes on what comes there, and says on the bus what the worker
 * says, as far as it may. Used on the hub's event loop.
 */
public final class Relay implements BinaryPeer.Factory {
  private final Bus bus;
  private final Options options;
  private final RelayRules rules;
  private final Predicate<String> hubs;
  private final Consumer<Registration> watchdog;
  private final LongSupplier nanoTime;
  private final Map<String, RelaySession> sessions = new HashMap<>();

  /**
   * @param limits see there
   * @param silenceMs milliseconds without a word of a worker, after which it is given up
   * @param maxAbuse messages that a worker has no right to send, after which it is cut off
   */
  public record Options(String hubId, RelayPeer.Limits limits, long silenceMs, int maxAbuse) {}

  /**
   * @param hubs whether there is a hub of this id now
   * @param watchdog watches registrations, so that a lost one is made anew
   * @param nanoTime a monotonic clock
   */
  public Relay(
      Bus bus,
      Options options,
      RelayRules rules,
      Predicate<String> hubs,
      Consumer<Registration> watchdog,
      LongSupplier nanoTime) {
    this.bus = bus;
    this.options = options;
    this.rules = rules;
    this.hubs = hubs;
    this.watchdog = watchdog;
    this.nanoTime = nanoTime;
  }

  /** Passes on from now on what hubs say to nodes. */
  public Future<?> start() {
    return bus.<HubMessage>listen(Addresses.NODES, this::heard).onSuccess(watchdog::accept);
  }

  @Override
  public BinaryPeer open(NodeSession node, Consumer<Buffer> send) {
    RelaySession session = new RelaySession(this, node, send);
    RelaySession before = sessions.put(node.nodeId(), session);
    if (before != null) {
      before.closed();
    }
    session.open();
    return session;
  }

  /** How many workers are connected. */
  public int size() {
    return sessions.size();
  }

  void closed(RelaySession session) {
    sessions.remove(session.nodeId(), session);
  }

  Bus bus() {
    return bus;
  }

  Options options() {
    return options;
  }

  RelayRules rules() {
    return rules;
  }

  boolean isHub(String hubId) {
    return hubId.equals(options.hubId()) || hubs.test(hubId);
  }

  long now() {
    return nanoTime.getAsLong();
  }

  void watch(Registration registration) {
    watchdog.accept(registration);
  }

  private void heard(HubMessage message) {
    String nodeId = addressee(message);
    if (nodeId != null) {
      RelaySession session = sessions.get(nodeId);
      if (session != null) {
        session.heard(message);
      }
      return;
    }
    List.copyOf(sessions.values()).forEach(session -> session.heard(message));
  }

  /** The one node that it concerns; null when it concerns all. */
  private static String addressee(HubMessage message) {
    if (message instanceof HubMessage.Welcome welcome) {
      return welcome.nodeId();
    } else if (message instanceof HubMessage.Unknown unknown) {
      return unknown.nodeId();
    } else if (message instanceof HubMessage.Refused refused) {
      return refused.nodeId();
    }
    return null;
  }
}
