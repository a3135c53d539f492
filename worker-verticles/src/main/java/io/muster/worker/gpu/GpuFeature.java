package io.muster.worker.gpu;

import io.muster.metric.Gpu;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.ops.GpuJson;
import io.muster.runtime.settings.GpuSettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the machine's GPUs on a thread of its own: a driver in trouble may take minutes to
 * answer, and only that thread waits for it.
 */
public final class GpuFeature implements NodeFeature {
  private static final Logger log = LoggerFactory.getLogger(GpuFeature.class);

  /** Longer than any healthy driver takes. */
  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(30);

  /** Looks that go by, where there is no driver, before the next one is taken. */
  private static final int ABSENT_PAUSE = 12;

  private final NodeContext node;
  private final boolean expected;
  private final GpuReader reader;
  private final GpuMeters meters;
  private final GpuEvents events;
  private final LongSupplier nanos;
  private WorkerExecutor thread;
  private long timer = -1;
  private boolean busy;
  private long lookedAt;
  private int pause;
  private volatile int pciDevices;
  private volatile GpuReport report = GpuReport.NEW;

  public GpuFeature(NodeContext node) {
    this(node, System::nanoTime);
  }

  GpuFeature(NodeContext node, LongSupplier nanos) {
    Settings settings = node.settings();
    this.node = node;
    this.expected = settings.get(GpuSettings.GPU_MONITOR).equals("on");
    this.reader = new GpuReader(settings.get(GpuSettings.NVML_LIBRARY));
    this.meters = new GpuMeters(node.meters());
    this.events = new GpuEvents(node.nodeId(), node.events());
    this.nanos = nanos;
  }

  @Override
  public String name() {
    return "gpu";
  }

  /** The GPUs as they were at the last look, those in trouble marked; any thread may ask. */
  public List<Gpu> gpus() {
    return report.gpus();
  }

  @Override
  public Future<Void> start() {
    // A driver in trouble holds it for minutes: nothing that a blocked-thread check should tell.
    thread =
        node.vertx()
            .createSharedWorkerExecutor("gpu-monitor-" + node.nodeId(), 1, 1, TimeUnit.HOURS);
    look();
    timer =
        node.vertx().setPeriodic(node.settings().get(GpuSettings.GPU_INTERVAL_MS), id -> look());
    return Future.succeededFuture();
  }

  private void look() {
    if (thread == null || busy || pause-- > 0) {
      return;
    }
    busy = true;
    lookedAt = nanos.getAsLong();
    thread
        .executeBlocking(
            () -> {
              GpuReport found = reader.read();
              pciDevices = found.state() == GpuReport.State.ABSENT ? PciDevices.ofNvidia() : 0;
              return found;
            })
        .otherwise(this::broken)
        .onSuccess(this::found);
  }

  private void found(GpuReport found) {
    busy = false;
    pause = found.state() == GpuReport.State.ABSENT ? ABSENT_PAUSE : 0;
    boolean had = hasOne();
    report = found;
    if (had != hasOne()) {
      node.changed().run();
    }
    meters.show(found.gpus());
    events.look(found.gpus());
  }

  /** What was not foreseen: the GPUs that were there cannot be asked. */
  private GpuReport broken(Throwable cause) {
    log.warn("the GPUs cannot be looked at", cause);
    GpuReport before = report;
    List<Gpu> gpus =
        before.gpus().stream().map(gpu -> gpu.failed(gpu.id(), cause.toString())).toList();
    return new GpuReport(GpuReport.State.FAILED, cause.toString(), before.driver(), gpus);
  }

  @Override
  public Future<Void> stop() {
    if (timer >= 0) {
      node.vertx().cancelTimer(timer);
    }
    WorkerExecutor last = thread;
    thread = null;
    if (last == null) {
      return Future.succeededFuture();
    }
    return last.executeBlocking(
            () -> {
              reader.close();
              return null;
            })
        .compose(closed -> last.close());
  }

  private boolean hasOne() {
    return gpus().stream().anyMatch(gpu -> gpu.problem() == null);
  }

  /** {@code gpu}, as long as there is one that can be used. */
  @Override
  public List<String> capabilities() {
    return hasOne() ? List.of("gpu") : List.of();
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("gpu", this::finding));
  }

  private Finding finding() {
    GpuReport now = report;
    long lateNanos = busy ? nanos.getAsLong() - lookedAt : 0;
    Finding finding;
    if (lateNanos > LATE_NANOS) {
      finding =
          Finding.degraded(
              "the driver has not answered for "
                  + TimeUnit.NANOSECONDS.toSeconds(lateNanos)
                  + " s");
    } else {
      finding =
          switch (now.state()) {
            case NEW -> Finding.healthy("not looked yet");
            case ABSENT -> absent();
            case FAILED -> Finding.degraded(now.reason());
            case RUNNING -> running(now);
          };
    }
    return finding.with(new JsonObject().put("gpus", now.gpus().size()));
  }

  private Finding absent() {
    if (pciDevices > 0) {
      return Finding.degraded(
          "an NVIDIA GPU is in the machine, but its driver's library cannot be loaded: install the"
              + " driver, name the library by NVML_LIBRARY, or set GPU_MONITOR=off");
    }
    return expected
        ? Finding.degraded("GPU_MONITOR=on, but there is no NVIDIA driver on this machine")
        : Finding.healthy("no NVIDIA driver on this machine");
  }

  private Finding running(GpuReport now) {
    if (now.reason() != null) {
      return Finding.degraded(now.reason());
    }
    if (now.gpus().isEmpty() && expected) {
      return Finding.degraded("GPU_MONITOR=on, but the driver lists no GPU");
    }
    return Finding.healthy("driver " + now.driver());
  }

  @Override
  public JsonObject info() {
    GpuReport now = report;
    return new JsonObject()
        .put("driver", now.driver())
        .put("reason", now.reason())
        .put("gpus", GpuJson.of(now.gpus()));
  }
}
