package io.muster.hub.fleet;

import static io.muster.hub.fleet.SomeNodes.info;
import static io.muster.hub.fleet.SomeNodes.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.node.NodeState;
import org.junit.jupiter.api.Test;

class NodeViewTest {
  private static final long NOW = 10_000;
  private static final StateCause HEARD = new StateCause.Heard(9_600);

  @Test
  void anOnlineNodeSaysWhenItWasHeard() {
    assertThat(view(info("a", "m"), NodeState.ONLINE, HEARD).reason(NOW))
        .isEqualTo("heartbeat 0.4 s ago");
  }

  @Test
  void aBusyNodeSaysHowManyPlacesAreTaken() {
    NodeView busy = view(info("a", "m"), NodeState.BUSY, HEARD);
    assertThat(busy.reason(NOW)).isEqualTo("all 4 places taken");
    assertThat(busy.takesWork()).isTrue();
  }

  @Test
  void silenceIsTold() {
    NodeView silent = view(info("a", "m"), NodeState.UNKNOWN, new StateCause.Silent(6_800));
    assertThat(silent.reason(NOW)).isEqualTo("no heartbeat for 3.2 s");
    assertThat(silent.takesWork()).isFalse();
    assertThat(silent.maySoonTakeWork()).isTrue();
  }

  @Test
  void whatTookItAwayIsTold() {
    assertThat(offline(new StateCause.MemberLeft())).isEqualTo("member left the cluster");
    assertThat(offline(new StateCause.Unregistered(null))).isEqualTo("unregistered");
    assertThat(offline(new StateCause.Unreachable("no reply in 3 s")))
        .isEqualTo("jobs do not reach it: no reply in 3 s");
  }

  @Test
  void aRecordedNodeSaysWhenItWasSeenLast() {
    long now = 10_000 + 3 * 3_600_000L;
    NodeView recorded = view(info("a", "m"), NodeState.OFFLINE, new StateCause.Recorded(10_000));
    assertThat(recorded.reason(now))
        .isEqualTo("not seen since this hub started, last heartbeat 3 h ago");
    assertThat(new StateCause.Recorded(0).text(now)).isEqualTo("not seen since this hub started");
  }

  @Test
  void anEjectedNodeIsTold() {
    NodeView ejected = ejected(new NodeView.Ejection(5, 13_001));
    assertThat(ejected.reason(NOW)).isEqualTo("ejected after 5 failures, next try in 4 s");
    assertThat(ejected.takesWork()).isFalse();
    assertThat(ejected.maySoonTakeWork()).isTrue();
    assertThat(ejected(new NodeView.Ejection(1, NOW)).reason(NOW))
        .isEqualTo("ejected after 1 failure, next try now");
  }

  @Test
  void aDrainingNodeSaysWhatStillRuns() {
    NodeView draining = view(info("a", "m"), NodeState.ONLINE, HEARD, true, null);
    assertThat(draining.reason(NOW)).isEqualTo("draining: takes no new work, 2 jobs still running");
    assertThat(draining.takesWork()).isFalse();
    assertThat(draining.maySoonTakeWork()).isFalse();
  }

  @Test
  void whatMakesANodeOfflineCountsMoreThanThatItDrained() {
    NodeView gone =
        view(
            info("a", "m"), NodeState.OFFLINE, new StateCause.Unregistered("stopping"), true, null);
    assertThat(gone.reason(NOW)).isEqualTo("unregistered: stopping");
  }

  @Test
  void spansAreReadable() {
    assertThat(Ages.text(-3)).isEqualTo("0.0 s");
    assertThat(Ages.text(59_999)).isEqualTo("59.9 s");
    assertThat(Ages.text(60_000)).isEqualTo("1 min");
    assertThat(Ages.text(7_200_000)).isEqualTo("2 h");
    assertThat(Ages.text(48 * 3_600_000L)).isEqualTo("2 d");
    assertThat(Ages.until(120_000)).isEqualTo("in 2 min");
  }

  private static String offline(StateCause cause) {
    return view(info("a", "m"), NodeState.OFFLINE, cause).reason(NOW);
  }

  private static NodeView ejected(NodeView.Ejection ejection) {
    return view(info("a", "m"), NodeState.ONLINE, HEARD, false, ejection);
  }
}
