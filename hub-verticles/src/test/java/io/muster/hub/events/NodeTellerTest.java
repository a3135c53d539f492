package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.event.ClusterEvent;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.metric.Alarm;
import io.muster.node.NodeState;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeTellerTest {
  private final SomeNodes fleet = new SomeNodes();
  private final List<String> told = new ArrayList<>();
  private final List<Map<String, Object>> data = new ArrayList<>();
  private final Now clock = new Now();
  private boolean first = true;
  private final NodeTeller teller =
      new NodeTeller(
          fleet,
          () -> first,
          (type, what) -> {
            told.add(type);
            data.add(what);
          },
          clock);

  private void state(String id, NodeState state, StateCause cause) {
    fleet.with(SomeNodes.view(SomeNodes.info(id, "m"), state, cause));
    teller.look(id);
  }

  @Test
  void tellsEachChangeOnce() {
    state("w", NodeState.ONLINE, new StateCause.Heard(1));
    teller.look();
    state("w", NodeState.UNKNOWN, new StateCause.Silent(1));
    state("w", NodeState.OFFLINE, new StateCause.MemberLeft());
    state("w", NodeState.ONLINE, new StateCause.Heard(2));
    assertThat(told)
        .containsExactly(
            "node_registered", "node_status_changed", "node_status_changed", "node_status_changed");
    assertThat(data.get(2)).containsEntry("oldStatus", "unknown");
    assertThat(data.get(2)).containsEntry("newStatus", "offline");
  }

  @Test
  void saysNothingOfNodesThatAreOnlyRemembered() {
    state("w", NodeState.OFFLINE, new StateCause.Recorded(1));
    assertThat(told).isEmpty();
    state("w", NodeState.ONLINE, new StateCause.Heard(1));
    assertThat(told).containsExactly("node_status_changed");
  }

  @Test
  void tellsWhenANodeLeavesAndOnceOnly() {
    state("w", NodeState.ONLINE, new StateCause.Heard(1));
    state("x", NodeState.ONLINE, new StateCause.Heard(1));
    told.clear();
    state("w", NodeState.OFFLINE, new StateCause.Unregistered("bye"));
    fleet.without("w").without("x");
    teller.look();
    teller.look();
    assertThat(told).containsExactly("node_status_changed", "node_unregistered");
  }

  @Test
  void tellsWhatIsWrongWithAMachineWhenItBeginsWhenItGetsMoreAndWhenItIsOver() {
    Alarm cpu = new Alarm(Alarm.CPU, null, .97, .95, 5);
    Alarm disk = new Alarm(Alarm.DISK, "/", .96, .95, 6);
    alarms();
    told.clear();
    alarms(cpu);
    alarms(new Alarm(Alarm.CPU, null, .99, .95, 5));
    assertThat(told).containsExactly("node_status_changed", "node_degraded");
    assertThat(data.get(data.size() - 1))
        .containsEntry("nodeId", "w")
        .containsEntry("reason", "cpu at 97% (limit 95%)");

    alarms(cpu, disk);
    alarms(disk);
    assertThat(told).containsExactly("node_status_changed", "node_degraded", "node_degraded");
    told.clear();
    alarms();
    assertThat(told).containsExactly("node_status_changed", "node_recovered");
  }

  @Test
  void aNodeThatGoesAwayHasNotRecovered() {
    alarms(new Alarm(Alarm.CPU, null, .97, .95, 5));
    told.clear();
    state("w", NodeState.OFFLINE, new StateCause.MemberLeft());
    assertThat(told).containsExactly("node_status_changed");
  }

  @Test
  void whatAnotherHubHasToldOfAlarmsIsNotToldAgain() {
    first = false;
    clock.at += NodeTeller.MEMORY_MS + 1;
    alarms();
    teller.heard(
        new ClusterEvent("1", "node_registered", "hub-2", 1, Map.of("node", Map.of("id", "w"))));
    alarms(new Alarm(Alarm.DISK, "/", .97, .95, 5));
    teller.heard(
        new ClusterEvent(
            "2",
            "node_degraded",
            "hub-2",
            1,
            Map.of("nodeId", "w", "alarms", List.of(Map.of("metric", "disk", "of", "/")))));
    teller.heard(
        new ClusterEvent(
            "3",
            "node_status_changed",
            "hub-2",
            1,
            Map.of("nodeId", "w", "newStatus", "degraded")));
    first = true;
    teller.hubGone();
    assertThat(told).isEmpty();
  }

  private void alarms(Alarm... alarms) {
    fleet.with(SomeNodes.degraded("w", alarms));
    teller.look("w");
  }

  @Test
  void leavesItToTheFirstHubAndStepsInWhenThatDies() {
    first = false;
    clock.at += NodeTeller.MEMORY_MS + 1;
    state("w", NodeState.ONLINE, new StateCause.Heard(1));
    state("x", NodeState.ONLINE, new StateCause.Heard(1));
    teller.heard(
        new ClusterEvent("1", "node_registered", "hub-2", 1, Map.of("node", Map.of("id", "w"))));
    // What the first one told before this one saw it.
    teller.heard(
        new ClusterEvent(
            "2", "node_status_changed", "hub-2", 1, Map.of("nodeId", "w", "newStatus", "offline")));
    state("w", NodeState.OFFLINE, new StateCause.MemberLeft());
    assertThat(told).isEmpty();
    teller.hubGone();
    assertThat(told).isEmpty();
    first = true;
    teller.hubGone();
    teller.hubGone();
    assertThat(told).containsExactly("node_registered");
    assertThat(data.get(0).get("node").toString()).contains("id=x");
  }

  @Test
  void forgetsWhatIsLongPast() {
    first = false;
    clock.at += NodeTeller.MEMORY_MS + 1;
    state("w", NodeState.ONLINE, new StateCause.Heard(1));
    clock.at += NodeTeller.MEMORY_MS + 1;
    first = true;
    teller.hubGone();
    assertThat(told).isEmpty();
  }

  private static final class Now extends Clock {
    private long at = 1_000_000;

    @Override
    public Instant instant() {
      return Instant.ofEpochMilli(at);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.offset(this, Duration.ZERO);
    }
  }
}
