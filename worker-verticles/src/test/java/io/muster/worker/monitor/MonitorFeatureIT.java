package io.muster.worker.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.muster.runtime.process.StartRefused;
import io.muster.worker.control.Drains;
import io.muster.worker.feature.SomeNode;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorFeatureIT {
  private static final long MIB = 1 << 20;

  private final Vertx vertx = Vertx.vertx();
  private final List<String> drained = new ArrayList<>();
  private final Drains drains = new Drains(drained::add, drained::clear);
  private SomeNode node;
  private MonitorFeature monitor;
  private List<Gpu> gpus = List.of();
  private long nanos;

  @TempDir private Path data;

  @BeforeEach
  void node() {
    node = new SomeNode(vertx, data).with("ALARM_FOR_MS", "10000").with("ALARM_CPU_FOR_MS", "0");
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void start() throws Exception {
    monitor = new MonitorFeature(node.context(), () -> gpus, drains, () -> nanos);
    monitor.start().toCompletionStage().toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  @Test
  void samplesCarryGpusAndWhatIsWrongAndHealthTellsIt() throws Exception {
    start();
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    gpus = List.of(new Gpu(0, "u", "n", 95, 1, 1, 0, 0, false, List.of(), null));

    Sample sample = take(.97, 10_000 * MIB);
    assertThat(sample.gpus()).isEqualTo(gpus);
    assertThat(sample.alarms()).extracting(alarm -> alarm.metric()).containsExactly("cpu");

    nanos += TimeUnit.SECONDS.toNanos(10);
    take(.97, 10_000 * MIB);
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(finding().reason())
        .contains("cpu at 97% (limit 95%)", "GPU 0 at 95 °C (limit 90 °C)");

    take(.2, 10_000 * MIB);
    assertThat(finding().reason()).isEqualTo("GPU 0 at 95 °C (limit 90 °C)");
  }

  @Test
  void aMachineThatTellsNoMoreIsNotWell() throws Exception {
    start();
    nanos += TimeUnit.SECONDS.toNanos(31);
    assertThat(finding().reason()).contains("has not told its figures for 31 s");
    take(.1, 10_000 * MIB);
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    nanos += TimeUnit.SECONDS.toNanos(60);
    assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
  }

  @Test
  void aFullDiskDrainsTheNodeAndRoomResumesIt() throws Exception {
    start();
    take(.1, 300 * MIB);
    assertThat(drained).isEmpty();

    take(.1, 255 * MIB);
    assertThat(drained).containsExactly("only 255 MiB are left for its data");
    assertThat(finding().reason()).isEqualTo("takes no new work: 255 MiB are left for its data");
    take(.1, 100 * MIB);
    take(.1, 511 * MIB);
    assertThat(drained).hasSize(1);

    take(.1, 512 * MIB);
    assertThat(drained).isEmpty();
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(node.events)
        .extracting(event -> event.type() + " " + event.data().get("by"))
        .containsExactly("node_drained disk", "node_resumed disk");
  }

  @Test
  void roomOnTheDiskResumesNothingThatAnAdministratorDrained() throws Exception {
    start();
    take(.1, 10 * MIB);
    drains.begin(Drains.ORDERED, "maintenance");

    take(.1, 900 * MIB);
    // The reason that is left is the one that hubs show.
    assertThat(drained).endsWith("maintenance").hasSize(3);
    assertThat(drains.end(Drains.ORDERED)).isNull();
    assertThat(drained).isEmpty();
  }

  @Test
  void anAdministratorResumesNothingWhileTheDiskIsFull() throws Exception {
    start();
    take(.1, 10 * MIB);

    assertThat(drains.end(Drains.ORDERED)).contains("10 MiB are left");
    assertThat(drained).hasSize(1);
    drains.begin(Drains.ORDERED, "maintenance");
    assertThat(drains.end(Drains.ORDERED)).contains("10 MiB are left");
    assertThat(drained).last().asString().contains("10 MiB are left");
  }

  @Test
  void whatEndsIsResumedByNothing() throws Exception {
    start();
    take(.1, 10 * MIB);
    drains.forGood();
    take(.1, 900 * MIB);

    assertThat(drained).hasSize(1);
  }

  @Test
  void zeroLetsTheDiskBeFull() throws Exception {
    node.with("DISK_DRAIN_FREE_MB", "0");
    start();
    take(.1, 0);
    assertThat(drained).isEmpty();
  }

  @Test
  void resumingBelowWhereItDrainsIsRefused() {
    node.with("DISK_DRAIN_FREE_MB", "600");
    assertThatThrownBy(this::start)
        .hasCauseInstanceOf(StartRefused.class)
        .hasMessageContaining("DISK_RESUME_FREE_MB=512")
        .hasMessageContaining("DISK_DRAIN_FREE_MB=600 (environment)");
  }

  private Sample take(double cpu, long diskFree) {
    node.sample =
        monitor.complete(
            new Sample(
                1_000,
                4,
                cpu,
                1,
                8_000,
                4_000,
                0,
                0,
                20_000 * MIB,
                diskFree,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0));
    return node.sample;
  }

  private Finding finding() throws Exception {
    return monitor
        .health()
        .get(0)
        .find()
        .toCompletionStage()
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
  }
}
