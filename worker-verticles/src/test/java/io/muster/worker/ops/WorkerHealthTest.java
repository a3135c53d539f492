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
    assertThat(WorkerHealth.hub(0).status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(WorkerHealth.hub(2).reason()).isEqualTo("registered with 2 hubs");
  }

  @Test
  void someProviderIsEnoughToWork() {
    assertThat(WorkerHealth.providers(List.of(DEMO)).status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(WorkerHealth.providers(List.of(DEMO, DOWN, LOCKED)))
        .isEqualTo(Finding.degraded("ollama cannot be reached; openai: refuses the key"));
    assertThat(WorkerHealth.providers(List.of(DOWN)).status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(WorkerHealth.providers(List.of()).status()).isEqualTo(HealthStatus.UNHEALTHY);
  }
}
