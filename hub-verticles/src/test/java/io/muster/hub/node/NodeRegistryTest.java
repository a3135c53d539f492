package io.muster.hub.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.fleet.StateCause;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeRegistryTest implements NodeEvents {
  private static final long WALL = 1_000_000;

  private static final long MS = 1_000_000;

  private final List<String> log = new ArrayList<>();
  private final List<HubMessage> told = new ArrayList<>();
  private long now = 77 * MS;
  private final NodeRegistry registry =
      new NodeRegistry(
          "hub",
          new NodeRegistry.Options(1_000, 5_000, 3, 1_000, 60_000),
          Clock.fixed(Instant.ofEpochMilli(WALL), ZoneOffset.UTC),
          () -> now,
          this);

  @Test
  void aNodeThatRegistersIsWelcomeAndAble() {
    register(TestNodes.info("a", "a1", 2, "m"));
    assertThat(log).containsExactly("changed a", "available a");
    assertThat(told).containsExactly(new HubMessage.Welcome("hub", "a", "a1"));
    assertThat(able("m")).containsExactly("a");
    assertThat(able("other")).isEmpty();
    assertThat(registry.knows("m")).isTrue();
    assertThat(node("a").state()).isEqualTo(NodeState.ONLINE);
    assertThat(node("a").registeredAt()).isEqualTo(1_000_000);
  }

  @Test
  void registeringAgainChangesNothing() {
    NodeInfo info = TestNodes.info("a", "a1", 2, "m");
    register(info);
    node("a").sent("m", now);
    log.clear();
    register(info);
    assertThat(log).containsExactly("available a");
    assertThat(node("a").active()).isEqualTo(1);
    register(TestNodes.info("a", "a1", 2, "m", "n"));
    assertThat(able("n")).containsExactly("a");
    assertThat(log).contains("changed a");
  }

  @Test
  void aModelOfTwoProvidersMakesNoSecondNode() {
    register(TestNodes.info("a", "a1", 2, "m@one", "m@two"));
    assertThat(able("m")).containsExactly("a");
  }

  @Test
  void heartbeatsOfStrangersAreAnswered() {
    beat("a", "a1", 0);
    assertThat(told).containsExactly(new HubMessage.Unknown("hub", "a", "a1"));
    registry.receive(new NodeMessage.Drain("a", "a1", "why"));
    registry.receive(new NodeMessage.Unregister("a", "a1", "why"));
    assertThat(told).hasSize(1);
    assertThat(registry.all()).isEmpty();
  }

  @Test
  void aNodeFallsSilentByAndBy() {
    register(TestNodes.info("a", "a1", 2, "m"));
    log.clear();
    sweepFor(2_900);
    assertThat(node("a").state()).isEqualTo(NodeState.ONLINE);
    sweepFor(200);
    assertThat(node("a").state()).isEqualTo(NodeState.UNKNOWN);
    assertThat(node("a").cause(WALL).text(WALL)).contains("no heartbeat");
    assertThat(able("m")).as("it is better than none").containsExactly("a");
    register(TestNodes.info("b", "b1", 2, "m"));
    assertThat(able("m")).containsExactly("b");
    sweepFor(1_900);
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
    assertThat(log).contains("lost a: no heartbeat for 0.0 s");
    assertThat(able("m")).containsExactly("b");
    beat("a", "a1", 0);
    assertThat(node("a").state()).isEqualTo(NodeState.ONLINE);
    assertThat(node("a").cause(WALL)).isInstanceOf(StateCause.Heard.class);
    assertThat(able("m")).containsExactly("a", "b");
  }

  @Test
  void anOwnStallIsNotTheNodesFault() {
    register(TestNodes.info("a", "a1", 2, "m"));
    sweepFor(1_000);
    now += 60_000 * MS;
    registry.sweep();
    assertThat(node("a").state()).isEqualTo(NodeState.ONLINE);
    // Only the stall is forgiven, and only once.
    sweepFor(4_000);
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
  }

  @Test
  void aNodeThatWasHeardAfterTheStallGetsNoCreditForIt() {
    register(TestNodes.info("a", "a1", 2, "m"));
    now += 60_000 * MS;
    beat("a", "a1", 0);
    registry.sweep();
    sweepFor(5_000);
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
  }

  @Test
  void aMemberThatGoesTakesItsNodesAlong() {
    register(TestNodes.info("a", "a1", "x", 2, "m"));
    register(TestNodes.info("b", "b1", "y", 2, "m"));
    registry.memberGone("x");
    assertThat(log).contains("lost a: member left the cluster");
    assertThat(able("m")).containsExactly("b");
    log.clear();
    registry.memberGone("x");
    assertThat(log).isEmpty();
  }

  @Test
  void aNewProcessTakesTheOldOnesPlace() {
    register(TestNodes.info("a", "a1", 2, "m"));
    node("a").sent("m", now);
    beat("a", "a1", 2);
    sweepFor(2_000);
    log.clear();
    told.clear();
    register(TestNodes.info("a", "a2", 2, "m"));
    assertThat(log)
        .containsExactly(
            "lost a: unregistered: a new process took its place",
            "changed a",
            "changed a",
            "available a");
    assertThat(told).containsExactly(new HubMessage.Welcome("hub", "a", "a2"));
    assertThat(node("a").active()).isZero();
    beat("a", "a1", 2);
    assertThat(told).last().isEqualTo(new HubMessage.Unknown("hub", "a", "a1"));
    assertThat(node("a").active()).isZero();
  }

  @Test
  void anotherNodeWithTheSameIdIsRefusedWhileTheFirstLives() {
    register(TestNodes.info("a", "a1", 2, "m"));
    sweepFor(1_000);
    register(TestNodes.info("a", "a2", 2, "m"));
    assertThat(told).last().isInstanceOf(HubMessage.Refused.class);
    assertThat(node("a").info().instance()).isEqualTo("a1");
    // The same member of the cluster cannot run two.
    register(TestNodes.info("a", "a3", "member-of-a1", 2, "m"));
    assertThat(node("a").info().instance()).isEqualTo("a3");
  }

  @Test
  void aRestartWhileThisHubStoodStillIsNoImpostor() {
    register(TestNodes.info("a", "a1", 2, "m"));
    now += 10_000 * MS;
    registry.sweep();
    register(TestNodes.info("a", "a2", 2, "m"));
    assertThat(node("a").info().instance()).isEqualTo("a2");
  }

  @Test
  void whoUnregistersIsGoneUntilItRegisters() {
    register(TestNodes.info("a", "a1", 2, "m"));
    registry.receive(new NodeMessage.Unregister("a", "a1", "done"));
    assertThat(log).last().isEqualTo("changed a");
    assertThat(log).contains("lost a: unregistered: done");
    beat("a", "a1", 0);
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
    register(TestNodes.info("a", "a1", 2, "m"));
    sweepFor(6_000);
    beat("a", "a1", 0);
    assertThat(node("a").state()).isEqualTo(NodeState.ONLINE);
  }

  @Test
  void aDrainingNodeTakesNothing() {
    register(TestNodes.info("a", "a1", 2, "m"));
    registry.receive(new NodeMessage.Drain("a", "a1", "stopping"));
    assertThat(able("m")).isEmpty();
    assertThat(node("a").isDraining()).isTrue();
    registry.receive(new NodeMessage.Heartbeat("a", "a1", true, NodeStats.NONE, null));
    assertThat(able("m")).isEmpty();
    beat("a", "a1", 0);
    assertThat(able("m")).containsExactly("a");
  }

  @Test
  void placesOfOtherHubsCountAsFarAsIsKnown() {
    register(TestNodes.info("a", "a1", 3, "m"));
    node("a").sent("m", now);
    beat("a", "a1", 3);
    assertThat(node("a").active()).isEqualTo(3);
    assertThat(node("a").state()).isEqualTo(NodeState.BUSY);
    assertThat(able("m")).isEmpty();
    node("a").released();
    assertThat(able("m")).containsExactly("a");
    beat("a", "a1", 0);
    assertThat(node("a").active()).isZero();
    node("a").reportedFull();
    assertThat(able("m")).isEmpty();
    beat("a", "a1", 1);
    assertThat(able("m")).containsExactly("a");
  }

  @Test
  void aSuspectIsTheLastChoiceUntilItIsHeard() {
    register(TestNodes.info("a", "a1", 3, "m"));
    register(TestNodes.info("b", "b1", 3, "m"));
    registry.suspect(node("a"), "no answer");
    assertThat(able("m")).containsExactly("b");
    assertThat(node("a").cause(WALL).text(WALL)).contains("no answer");
    beat("a", "a1", 0);
    assertThat(able("m")).containsExactly("a", "b");
    registry.memberGone("member-of-a1");
    registry.suspect(node("a"), "no answer");
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
  }

  @Test
  void unknownGoesBeforeEjected() {
    register(TestNodes.info("a", "a1", 3, "m"));
    register(TestNodes.info("b", "b1", 3, "m"));
    eject("a");
    assertThat(able("m")).containsExactly("b");
    registry.suspect(node("b"), "x");
    assertThat(able("m")).containsExactly("b");
    eject("b");
    assertThat(able("m")).as("an error is worth more than none").containsExactly("a", "b");
    assertThat(node("a").ejectionOfAll(now).orElseThrow().failures()).isEqualTo(3);
  }

  @Test
  void ejectionConcernsOneProvider() {
    register(TestNodes.info("a", "a1", 3, "m@one", "n@two"));
    register(TestNodes.info("b", "b1", 3, "m@one", "n@two"));
    eject("a");
    assertThat(able("m")).containsExactly("b");
    assertThat(able("n")).containsExactly("a", "b");
  }

  @Test
  void aProbeWhoseModelMovedDoesNotBlockTheProvider() {
    register(TestNodes.info("a", "a1", 3, "m@one", "n@one"));
    register(TestNodes.info("b", "b1", 3, "n@one"));
    eject("a");
    now += 1_000 * MS;
    node("a").sent("m", now);
    assertThat(able("n")).containsExactly("b");
    register(TestNodes.info("a", "a1", 3, "m@two", "n@one"));
    node("a").failed("m", Fault.of(Failure.CANCELLED, ""), now);
    assertThat(able("n")).containsExactly("a", "b");
  }

  @Test
  void aLimitKeepsJobsAway() {
    register(TestNodes.info("a", "a1", 3, "m"));
    Fault later = Fault.of(Failure.PROVIDER_LIMITED, "later", 2_000);
    node("a").failed("m", later, now);
    assertThat(able("m")).isEmpty();
    assertThat(registry.waitMs("m")).isEqualTo(2_000);
    register(TestNodes.info("b", "b1", 3, "m"));
    assertThat(registry.waitMs("m")).isZero();
    registry.receive(new NodeMessage.Drain("b", "b1", ""));
    assertThat(registry.waitMs("m")).isEqualTo(2_000);
    now += 2_000 * MS;
    assertThat(able("m")).containsExactly("a");
  }

  @Test
  void anEjectionIsNothingToWaitFor() {
    register(TestNodes.info("a", "a1", 3, "m"));
    eject("a");
    assertThat(registry.waitMs("m")).isZero();
  }

  @Test
  void whatTheClientDidWrongIsNotTheNodesFault() {
    register(TestNodes.info("a", "a1", 3, "m"));
    for (Failure failure : List.of(Failure.BAD_REQUEST, Failure.CANCELLED, Failure.NODE_BUSY)) {
      for (int i = 0; i < 10; i++) {
        node("a").failed("m", Fault.of(failure, ""), now);
      }
    }
    assertThat(node("a").healthy("m", now)).isTrue();
  }

  @Test
  void aRecalledNodeIsOfflineUntilItSpeaks() {
    registry.recall(TestNodes.info("a", "a1", 3, "m"), 5, 6);
    assertThat(node("a").state()).isEqualTo(NodeState.OFFLINE);
    assertThat(node("a").lastHeartbeat()).isEqualTo(6);
    assertThat(registry.knows("m")).isTrue();
    assertThat(able("m")).isEmpty();
    beat("a", "a1", 0);
    assertThat(able("m")).containsExactly("a");
    registry.recall(TestNodes.info("a", "a0", 3, "old"), 5, 6);
    assertThat(node("a").info().instance()).isEqualTo("a1");
  }

  @Test
  void aRecalledNodeMayComeBackAsANewProcess() {
    registry.recall(TestNodes.info("a", "a1", 3, "m"), 5, 6);
    register(TestNodes.info("a", "a2", 3, "m"));
    assertThat(able("m")).containsExactly("a");
    assertThat(log).containsExactly("changed a", "available a");
  }

  private void register(NodeInfo info) {
    registry.receive(new NodeMessage.Register(info));
  }

  private void beat(String id, String instance, int active) {
    NodeStats stats = new NodeStats(active, 0, 0, 0, 0);
    registry.receive(new NodeMessage.Heartbeat(id, instance, false, stats, null));
  }

  private void eject(String id) {
    for (int i = 0; i < 3; i++) {
      node(id).failed("m", Fault.of(Failure.PROVIDER_ERROR, "x"), now);
    }
  }

  private void sweepFor(long ms) {
    for (long i = 0; i < ms; i += 100) {
      now += 100 * MS;
      registry.sweep();
    }
  }

  private RemoteNode node(String id) {
    return registry.find(id).orElseThrow();
  }

  private List<String> able(String model) {
    return registry.able(model).stream().map(RemoteNode::id).toList();
  }

  @Override
  public void lost(RemoteNode node, String why) {
    log.add("lost " + node.id() + ": " + why);
  }

  @Override
  public void available(RemoteNode node) {
    log.add("available " + node.id());
  }

  @Override
  public void tellNodes(HubMessage message) {
    told.add(message);
  }

  @Override
  public void changed(RemoteNode node) {
    log.add("changed " + node.id());
  }

  @Override
  public void heard(RemoteNode node) {
    log.add("heard " + node.id());
  }
}
