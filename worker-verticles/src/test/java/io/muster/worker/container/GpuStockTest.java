package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.metric.Gpu;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuStockTest {
  private static Gpu gpu(int id, boolean busy, String problem) {
    return new Gpu(id, "u" + id, "Stub", 50, 1, 1, 0, 100, busy, List.of(), problem);
  }

  private static final List<Gpu> SEEN =
      List.of(gpu(0, true, null), gpu(1, false, "lost"), gpu(2, false, null));

  @Test
  void theIdleGoFirstAndNoneThatIsOutOfOrder() {
    assertThat(new GpuStock("auto", () -> SEEN).ids()).containsExactly(2, 0);
    assertThat(new GpuStock("0, 1,2", () -> SEEN).ids()).containsExactly(2, 0);
    assertThat(new GpuStock("none", () -> SEEN).ids()).isEmpty();
  }

  @Test
  void thoseThatTheOwnerNamesNeedNotBeSeen() {
    assertThat(new GpuStock("3,1", List::of).ids()).containsExactly(3, 1);
  }

  @Test
  void anythingElseIsAnError() {
    assertThatThrownBy(() -> new GpuStock("0;1", List::of)).hasMessageContaining("CONTAINER_GPUS");
  }
}
