package io.muster.hub.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.node.NodeEvents;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class RegistryFleetTest {
  private static final long START = 1_000_000;

  private long ms = START;

  private final Clock clock =
      new Clock() {
        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return Instant.ofEpochMilli(ms);
        }
      };

  private final NodeRegistry registry =
      new NodeRegistry(
          "hub",
          new NodeRegistry.Options(1_000, 5_000, 2, 4_000, 60_000),
          clock,
          () -> ms * 1_000_000,
          new Silence());

  private final RegistryFleet fleet = new RegistryFleet(registry, () -> 7, clock);

  @Test
  void aNodeThatRegisteredIsOnline() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    pass(400);
    NodeView node = fleet.node("a").orElseThrow();
    assertThat(node.state()).isEqualTo(NodeState.ONLINE);
    assertThat(node.stateSince()).isEqualTo(START);
    assertThat(node.reason(ms)).isEqualTo("heartbeat 0.4 s ago");
    assertThat(node.takesWork()).isTrue();
    assertThat(fleet.queued()).isEqualTo(7);
  }

  @Test
  void silenceGrowsWhileOneLooks() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    for (int i = 0; i < 8; i++) {
      pass(400);
    }
    NodeView late = fleet.node("a").orElseThrow();
    assertThat(late.state()).isEqualTo(NodeState.UNKNOWN);
    assertThat(late.reason(ms)).isEqualTo("no heartbeat for 3.2 s");
    for (int i = 0; i < 10; i++) {
      pass(400);
    }
    NodeView gone = fleet.node("a").orElseThrow();
    assertThat(gone.state()).isEqualTo(NodeState.OFFLINE);
    assertThat(gone.reason(ms)).isEqualTo("no heartbeat for 7.2 s");
  }

  @Test
  void aMemberThatLeftIsTold() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    registry.memberGone("member-a");
    assertThat(fleet.node("a").orElseThrow().reason(ms)).contains("member left the cluster");
  }

  @Test
  void anUnregisteredNodeIsTold() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    registry.receive(new NodeMessage.Unregister("a", "a-process", "shutting down"));
    assertThat(fleet.node("a").orElseThrow().reason(ms)).isEqualTo("unregistered: shutting down");
  }

  @Test
  void anEjectedProviderIsToldWithItsNextTry() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    RemoteNode node = registry.find("a").orElseThrow();
    node.failed("m", Fault.of(Failure.PROVIDER_ERROR, "no"), registry.now());
    node.failed("m", Fault.of(Failure.PROVIDER_ERROR, "no"), registry.now());
    NodeView view = fleet.node("a").orElseThrow();
    assertThat(view.reason(ms)).isEqualTo("demo ejected after 2 failures, next try in 4 s");
    assertThat(view.takesWork()).isFalse();
  }

  @Test
  void aDrainingNodeIsTold() {
    registry.receive(new NodeMessage.Register(SomeNodes.info("a", "m")));
    registry.receive(
        new NodeMessage.Heartbeat("a", "a-process", true, NodeStats.NONE, SomeNodes.SAMPLE));
    NodeView view = fleet.node("a").orElseThrow();
    assertThat(view.reason(ms)).startsWith("draining");
    assertThat(view.sample()).isEqualTo(SomeNodes.SAMPLE);
  }

  @Test
  void aRecordedNodeIsToldWithItsLastHeartbeat() {
    registry.recall(SomeNodes.info("old", "m"), 1_000, START - 60_000);
    NodeView view = fleet.nodes().get(0);
    assertThat(view.state()).isEqualTo(NodeState.OFFLINE);
    assertThat(view.stateSince()).isEqualTo(START - 60_000);
    assertThat(view.reason(ms))
        .isEqualTo("not seen since this hub started, last heartbeat 1 min ago");
  }

  private void pass(long span) {
    ms += span;
    registry.sweep();
  }

  private static final class Silence implements NodeEvents {
    @Override
    public void lost(RemoteNode node, String why) {}

    @Override
    public void available(RemoteNode node) {}

    @Override
    public void tellNodes(HubMessage message) {}

    @Override
    public void changed(RemoteNode node) {}
  }
}
