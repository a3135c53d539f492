package io.muster.hub.fleet;

import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.node.NodeState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** The fleet as the hub's registry knows it. */
public final class RegistryFleet implements FleetView {
  private final NodeRegistry registry;
  private final IntSupplier queued;
  private final Clock clock;

  /**
   * @param queued how many jobs wait
   */
  public RegistryFleet(NodeRegistry registry, IntSupplier queued, Clock clock) {
    this.registry = registry;
    this.queued = queued;
    this.clock = clock;
  }

  @Override
  public List<NodeView> nodes() {
    List<NodeView> views = new ArrayList<>(registry.all().size());
    for (RemoteNode node : registry.all()) {
      views.add(view(node));
    }
    return views;
  }

  @Override
  public Optional<NodeView> node(String id) {
    return registry.find(id).map(this::view);
  }

  @Override
  public int queued() {
    return queued.getAsInt();
  }

  private NodeView view(RemoteNode node) {
    long now = clock.millis();
    long nanos = registry.now();
    List<NodeView.Pause> pauses = new ArrayList<>();
    node.eachPause(
        nanos,
        (provider, failures, waitMs) ->
            pauses.add(new NodeView.Pause(provider, failures, now + waitMs)));
    StateCause cause = cause(node);
    // What happened before this hub started is known by the last heartbeat only.
    long since =
        cause instanceof StateCause.Recorded recorded
            ? recorded.lastHeartbeat()
            : now - node.stateAgeMs(nanos);
    return new NodeView(
        node.info(),
        node.state(),
        cause,
        since,
        node.registeredAt(),
        node.lastHeartbeat(),
        node.isDraining(),
        pauses,
        node.active(),
        node.stats(),
        node.sample());
  }

  private static StateCause cause(RemoteNode node) {
    String event = node.stateReason();
    if (event.isEmpty()) {
      return new StateCause.Heard(node.lastHeartbeat());
    }
    boolean away = node.state() == NodeState.OFFLINE || node.state() == NodeState.UNKNOWN;
    if (away && event.startsWith(RemoteNode.SILENT)) {
      return new StateCause.Silent(node.lastHeartbeat());
    }
    return event.equals(RemoteNode.RECALLED)
        ? new StateCause.Recorded(node.lastHeartbeat())
        : new StateCause.Event(event);
  }
}
