package io.muster.hub.ops;

import static io.muster.hub.fleet.SomeNodes.info;
import static io.muster.hub.fleet.SomeNodes.view;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.fleet.NodeView;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.node.NodeState;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import org.junit.jupiter.api.Test;

class HubHealthTest {
  private static final StateCause HEARD = new StateCause.Heard(1);

  @Test
  void aHubWithAWorkerIsHealthy() {
    Finding finding = HubHealth.workers(new SomeNodes().with(SomeNodes.online("a", "m")), 0);
    assertThat(finding.status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(finding.reason()).isEqualTo("1 takes work");
  }

  @Test
  void aBusyWorkerStillTakesWorkByAndBy() {
    SomeNodes fleet = new SomeNodes().with(view(info("a", "m"), NodeState.BUSY, HEARD));
    assertThat(HubHealth.workers(fleet, 0).status()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void aHubWithoutAWorkerIsUnhealthy() {
    assertThat(HubHealth.workers(new SomeNodes(), 0))
        .extracting(Finding::status, Finding::reason)
        .containsExactly(HealthStatus.UNHEALTHY, "no worker is there");
    SomeNodes gone =
        new SomeNodes().with(view(info("a", "m"), NodeState.OFFLINE, new StateCause.MemberLeft()));
    assertThat(HubHealth.workers(gone, 0).status()).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void drainingWorkersAloneAreNotEnough() {
    SomeNodes fleet =
        new SomeNodes().with(view(info("a", "m"), NodeState.ONLINE, HEARD, true, null));
    assertThat(HubHealth.workers(fleet, 0))
        .extracting(Finding::status, Finding::reason)
        .containsExactly(HealthStatus.UNHEALTHY, "no worker takes new work: see /api/workers");
  }

  @Test
  void anUnsureWorkerIsBetterThanNone() {
    SomeNodes silent =
        new SomeNodes().with(view(info("a", "m"), NodeState.UNKNOWN, new StateCause.Silent(1)));
    assertThat(HubHealth.workers(silent, 0).status()).isEqualTo(HealthStatus.DEGRADED);
    SomeNodes ejected =
        new SomeNodes()
            .with(
                view(
                    info("a", "m"), NodeState.ONLINE, HEARD, false, new NodeView.Ejection(5, 100)));
    assertThat(HubHealth.workers(ejected, 0).status()).isEqualTo(HealthStatus.DEGRADED);
  }

  @Test
  void anExpectedWorkerThatIsMissingDegrades() {
    SomeNodes fleet = new SomeNodes().with(SomeNodes.online("a", "m"));
    assertThat(HubHealth.workers(fleet, 2))
        .extracting(Finding::status, Finding::reason)
        .containsExactly(
            HealthStatus.DEGRADED, "2 workers of WORKERS are not on the bus: see /api/workers");
  }

  @Test
  void aHubOutsideOfItsClusterIsUnhealthy() {
    assertThat(HubHealth.cluster(new ClusterStatus(true, 3, null)).status())
        .isEqualTo(HealthStatus.HEALTHY);
    assertThat(HubHealth.cluster(new ClusterStatus(true, 3, "merging")).status())
        .isEqualTo(HealthStatus.DEGRADED);
    assertThat(HubHealth.cluster(new ClusterStatus(false, 0, null)).status())
        .isEqualTo(HealthStatus.UNHEALTHY);
  }
}
