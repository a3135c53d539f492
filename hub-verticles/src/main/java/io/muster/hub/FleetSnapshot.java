package io.muster.hub;

import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.fleet.StateCause;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/** The registry's nodes as operators see them. */
public final class FleetSnapshot implements FleetView {
  private final NodeRegistry registry;
  private final IntSupplier queued;
  private final Clock clock;

  public FleetSnapshot(NodeRegistry registry, IntSupplier queued, Clock clock) {
    this.registry = registry;
    this.queued = queued;
    this.clock = clock;
  }

  @Override
  public List<NodeView> nodes() {
    List<NodeView> views = new ArrayList<>();
    registry.all().forEach(node -> views.add(view(node)));
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
    long now = registry.now();
    long wall = clock.millis();
    return new NodeView(
        node.info(),
        node.state(),
        node.cause(wall),
        node.cause(wall) instanceof StateCause.Recorded recorded
            ? recorded.lastHeartbeat()
            : wall - node.stateAgeMs(now),
        node.registeredAt(),
        node.lastHeartbeat(),
        node.isDraining(),
        node.ejectionOfAll(now)
            .map(e -> new NodeView.Ejection(e.failures(), wall + e.waitMs()))
            .orElse(null),
        node.active(),
        node.stats(),
        node.sample());
  }
}
