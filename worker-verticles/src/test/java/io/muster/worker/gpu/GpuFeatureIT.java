package io.muster.worker.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.event.ClusterEvent;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.muster.worker.feature.SomeNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GpuFeatureIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong nanos = new AtomicLong();
  private SomeNode node;
  private NvmlStub nvml;
  private GpuFeature gpus;

  @TempDir private Path folder;

  @BeforeEach
  void machine() throws Exception {
    nvml = new NvmlStub(folder);
    nvml.says("count 2");
    node =
        new SomeNode(vertx, folder)
            .with("GPU_INTERVAL_MS", "100")
            .with("NVML_LIBRARY", nvml.compile(3).toString());
  }

  @AfterEach
  void stop() throws Exception {
    nvml.says("count 2");
    if (gpus != null) {
      get(gpus.stop());
    }
    get(vertx.close());
  }

  private void start() throws Exception {
    gpus = new GpuFeature(node.context(), nanos::get);
    get(gpus.start());
  }

  @Test
  void tellsOfGpusInHealthInformationAndMetrics() throws Exception {
    start();
    await().atMost(LONG).until(() -> gpus.gpus().size() == 2);

    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(finding().reason()).isEqualTo("driver stub.3");
    assertThat(gpus.capabilities()).containsExactly("gpu");
    assertThat(gpus.info().getJsonArray("gpus").getJsonObject(1).getString("uuid"))
        .isEqualTo("GPU-stub-1");
    assertThat(node.meters.scrape())
        .contains(
            "muster_gpu_temperature_celsius{gpu=\"1\",name=\"Stub GPU 1\",uuid=\"GPU-stub-1\"} 41.0")
        .contains("muster_gpu_memory_size_bytes{gpu=\"0\"", "muster_gpu_power_watts{gpu=\"0\"");
  }

  @Test
  void aLostGpuDegradesTheNodeAndIsAnEvent() throws Exception {
    start();
    await().atMost(LONG).until(() -> gpus.gpus().size() == 2);

    nvml.says("count 2", "lost 1");
    await().atMost(LONG).until(() -> finding().status() == HealthStatus.DEGRADED);
    assertThat(finding().reason()).startsWith("GPU 1: the GPU has fallen off the bus");
    await().atMost(LONG).until(() -> node.events.size() == 1);
    ClusterEvent event = node.events.get(0);
    assertThat(event.type()).isEqualTo("gpu_failed");
    assertThat(event.data()).containsEntry("nodeId", "node-1").containsEntry("gpu", 1);
    assertThat(node.meters.scrape())
        .contains("muster_gpu_up{gpu=\"1\",name=\"Stub GPU 1\",uuid=\"GPU-stub-1\"} 0.0");

    nvml.says("count 2");
    await().atMost(LONG).until(() -> node.events.size() == 2);
    assertThat(node.events.get(1).type()).isEqualTo("gpu_recovered");
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void aDriverThatHangsIsToldWhileTheEventLoopGoesOn() throws Exception {
    start();
    await().atMost(LONG).until(() -> gpus.gpus().size() == 2);

    nvml.says("count 2", "hang 1");
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              nanos.addAndGet(TimeUnit.SECONDS.toNanos(31));
              assertThat(finding().status()).isEqualTo(HealthStatus.DEGRADED);
            });
    assertThat(finding().reason()).startsWith("the driver has not answered for ");

    nvml.says("count 2");
    await().atMost(LONG).until(() -> finding().status() == HealthStatus.HEALTHY);
  }

  @Test
  void withoutADriverTheNodeIsHealthyUnlessGpusAreExpected() throws Exception {
    node.with("NVML_LIBRARY", folder.resolve("none.so").toString());
    start();
    await().atMost(LONG).until(() -> finding().reason().startsWith("no NVIDIA driver"));
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(gpus.capabilities()).isEmpty();
    get(gpus.stop());

    node.with("GPU_MONITOR", "on");
    start();
    await().atMost(LONG).until(() -> finding().status() == HealthStatus.DEGRADED);
    assertThat(finding().reason()).contains("GPU_MONITOR=on");
  }

  private Finding finding() throws Exception {
    return get(gpus.health().get(0).find());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
