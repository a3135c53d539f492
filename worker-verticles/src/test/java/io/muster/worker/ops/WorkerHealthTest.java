package io.muster.worker.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.muster.worker.ops.WorkerStatus.ProviderSeen;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkerHealthTest {
  private static final ProviderSeen DEMO = new ProviderSeen("demo", 1, true, null);
  private static final ProviderSeen DOWN = new ProviderSeen("ollama", 0, false, null);
  private static final ProviderSeen LOCKED =
      new ProviderSeen("openai", 0, false, "refuses the key");

  @Test
  void aWorkerThatNoHubKnowsCanDoNothing() {
    assertThat(WorkerHealth.hub(0, false).status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(WorkerHealth.hub(2, false).reason()).isEqualTo("registered with 2 hubs");
  }

  @Test
  void aWorkerThatServesClientsNearIsOfUseWithoutAHub() {
    assertThat(WorkerHealth.hub(0, true).status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(WorkerHealth.hub(1, true).status()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void aWorkerWithToolsOrContainersIsOfUseWithoutModels() {
    assertThat(WorkerHealth.providers(List.of(), true).status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(WorkerHealth.providers(List.of(DOWN), true).status())
        .isEqualTo(HealthStatus.DEGRADED);
  }

  @Test
  void someProviderIsEnoughToWork() {
    assertThat(WorkerHealth.providers(List.of(DEMO), false).status())
        .isEqualTo(HealthStatus.HEALTHY);
    assertThat(WorkerHealth.providers(List.of(DEMO, DOWN, LOCKED), false))
        .isEqualTo(Finding.degraded("ollama cannot be reached; openai: refuses the key"));
    assertThat(WorkerHealth.providers(List.of(DOWN), false).status())
        .isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(WorkerHealth.providers(List.of(), false).status()).isEqualTo(HealthStatus.UNHEALTHY);
  }
}
