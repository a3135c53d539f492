package io.muster.worker.monitor;

import io.muster.metric.Alarm;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.monitor.Thresholds;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.MonitorSettings;
import io.muster.runtime.settings.Setting;
import io.muster.runtime.settings.Settings;
import io.muster.worker.control.Drains;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Holds the machine's figures against their limits: what is beyond them travels with every sample,
 * and a disk without room keeps new work away.
 */
public final class MonitorFeature implements NodeFeature {
  private static final long LATE_MS = 30_000;
  private static final long LATE_LOOKS = 4;

  private final Settings settings;
  private final Supplier<List<Gpu>> gpus;
  private final Supplier<Optional<Sample>> latest;
  private final LongSupplier nanos;
  private final long lateNanos;
  private long heardAt;
  private final DiskGuard disk;
  private Thresholds thresholds;

  /**
   * @param gpus as they were last seen
   * @param drains where a full disk is said
   */
  public MonitorFeature(NodeContext node, Supplier<List<Gpu>> gpus, Drains drains) {
    this(node, gpus, drains, System::nanoTime);
  }

  MonitorFeature(NodeContext node, Supplier<List<Gpu>> gpus, Drains drains, LongSupplier nanos) {
    this.settings = node.settings();
    this.gpus = gpus;
    this.latest = node.sample();
    this.nanos = nanos;
    this.heardAt = nanos.getAsLong();
    this.lateNanos =
        TimeUnit.MILLISECONDS.toNanos(
            Math.max(LATE_MS, LATE_LOOKS * settings.get(Catalogue.METRICS_INTERVAL_MS)));
    this.disk =
        new DiskGuard(
            bytes(MonitorSettings.DISK_DRAIN_FREE_MB),
            bytes(MonitorSettings.DISK_RESUME_FREE_MB),
            drains,
            node.nodeId(),
            node.events());
  }

  private long bytes(Setting<Integer> mebibytes) {
    return (long) settings.get(mebibytes) << 20;
  }

  @Override
  public String name() {
    return "monitor";
  }

  @Override
  public Future<Void> start() {
    int drain = settings.get(MonitorSettings.DISK_DRAIN_FREE_MB);
    int resume = settings.get(MonitorSettings.DISK_RESUME_FREE_MB);
    if (drain > 0 && resume <= drain) {
      return Future.failedFuture(
          new StartRefused(
              "DISK_RESUME_FREE_MB=%d (%s) must be more than DISK_DRAIN_FREE_MB=%d (%s)"
                  .formatted(
                      resume,
                      settings.source(MonitorSettings.DISK_RESUME_FREE_MB).label(),
                      drain,
                      settings.source(MonitorSettings.DISK_DRAIN_FREE_MB).label())));
    }
    try {
      thresholds = Thresholds.of(settings, nanos);
    } catch (StartRefused e) {
      return Future.failedFuture(e);
    }
    return Future.succeededFuture();
  }

  /** The sample with the GPUs and with what is wrong. */
  public Sample complete(Sample sample) {
    heardAt = nanos.getAsLong();
    Sample whole = sample.with(gpus.get());
    if (thresholds != null) {
      whole = whole.with(whole.gpus(), thresholds.update(whole));
      disk.look(whole);
    }
    return whole;
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("resources", this::finding));
  }

  private Finding finding() {
    Sample sample = latest.get().orElse(null);
    long silent = nanos.getAsLong() - heardAt;
    if (silent > lateNanos) {
      return Finding.degraded(
          "the machine has not told its figures for "
              + TimeUnit.NANOSECONDS.toSeconds(silent)
              + " s: a disk that does not answer, perhaps");
    }
    if (sample == null) {
      return Finding.healthy("not looked yet");
    }
    if (disk.isFull()) {
      return Finding.degraded(
          "takes no new work: " + (sample.diskFree() >> 20) + " MiB are left for its data");
    }
    if (!sample.alarms().isEmpty()) {
      return Finding.degraded(
          sample.alarms().stream().map(Alarm::text).collect(Collectors.joining("; ")));
    }
    return Finding.healthy(null)
        .with(
            new JsonObject()
                .put("cpu", rounded(sample.cpu()))
                .put("memory", rounded((double) sample.memoryUsed() / sample.memoryTotal())));
  }

  private static double rounded(double share) {
    return Math.round(share * 100) / 100.0;
  }
}
