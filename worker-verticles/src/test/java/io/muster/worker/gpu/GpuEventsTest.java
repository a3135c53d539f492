package io.muster.worker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.metric.Gpu;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GpuEventsTest {
  private static final Gpu WELL = new Gpu(0, "u", "n", 40, 1, 1, 0, 0, false, List.of(), null);

  private final List<ClusterEvent> told = new ArrayList<>();
  private final GpuEvents events =
      new GpuEvents("n", new Events("n", told::add, Clock.systemUTC()));

  private void look(boolean well) {
    events.look(List.of(well ? WELL : WELL.failed(0, "lost")));
  }

  @Test
  void aFailureIsToldAtOnceAndItsEndWhenItLasts() {
    look(true);
    look(false);
    assertThat(told).extracting(ClusterEvent::type).containsExactly("gpu_failed");
    assertThat(told.get(0).data()).containsEntry("reason", "lost").containsEntry("uuid", "u");
    look(true);
    look(true);
    assertThat(told).hasSize(1);
    look(true);
    look(true);
    assertThat(told).extracting(ClusterEvent::type).containsExactly("gpu_failed", "gpu_recovered");
  }

  @Test
  void whatComesAndGoesIsToldOnce() {
    for (int i = 0; i < 20; i++) {
      look(i % 2 == 0);
    }
    assertThat(told).extracting(ClusterEvent::type).containsExactly("gpu_failed");
  }
}
