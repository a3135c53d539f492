package io.muster.worker.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.muster.node.NodeStats;
import io.muster.runtime.metric.GenAi;
import io.muster.runtime.metric.Latencies;
import io.muster.worker.job.JobObserver;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Counts and times the worker's jobs. Meters are looked up once and kept. Used on the event loop;
 * its gauges are read elsewhere, after a {@link #refresh}.
 */
public final class WorkerMetrics implements JobObserver {
  private static final Failure[] FAILURES = Failure.values();
  private static final int MAX_MODELS = 200;

  private final MeterRegistry registry;
  private final LongSupplier nanos;
  private final Supplier<List<ModelInfo>> models;
  private final Map<String, ModelMeters> known = new HashMap<>();
  private final Map<Job.Kind, ModelMeters> other = new EnumMap<>(Job.Kind.class);
  private final Counter startedCounter;
  private final Counter completedCounter;
  private final Counter[] failureCounters = new Counter[FAILURES.length];
  private final Latencies completedTimes = new Latencies();
  private final Latencies failedTimes = new Latencies();

  private List<ModelInfo> listed = List.of();
  private int active;
  private long completed;
  private long failed;
  private long cancelled;
  private double totalMs;
  private Recent recent = new Recent(Latencies.Summary.NONE, 0);

  /**
   * The last five minutes.
   *
   * @param errorRate share of the ended jobs that failed, 0 to 1
   */
  public record Recent(Latencies.Summary responseTime, double errorRate) {}

  /**
   * @param models those that the worker serves now
   * @param nanos a clock like {@link System#nanoTime}
   */
  public WorkerMetrics(
      MeterRegistry registry, Supplier<List<ModelInfo>> models, LongSupplier nanos) {
    this.registry = registry;
    this.models = models;
    this.nanos = nanos;
    this.startedCounter =
        Counter.builder("muster.worker.jobs.started")
            .description("Jobs that the worker took")
            .register(registry);
    this.completedCounter = outcome("completed");
    for (Failure failure : FAILURES) {
      failureCounters[failure.ordinal()] = outcome(label(failure));
    }
    gauge("muster.worker.jobs.active", "Jobs that run now", () -> active);
    gauge(
        "muster.worker.error.ratio",
        "Share of the jobs of the last five minutes that failed",
        () -> recent.errorRate());
    quantile("0.5", () -> recent.responseTime().p50());
    quantile("0.95", () -> recent.responseTime().p95());
    quantile("0.99", () -> recent.responseTime().p99());
  }

  @Override
  public void started(Job job) {
    active++;
    startedCounter.increment();
  }

  @Override
  public void firstToken(Job job, long elapsedNanos) {
    meters(job).firstToken(elapsedNanos);
  }

  @Override
  public void completed(Job job, Usage usage, long elapsedNanos) {
    meters(job).completed(elapsedNanos);
    completed++;
    completedCounter.increment();
    completedTimes.record(elapsedNanos, nanos.getAsLong());
    ended(elapsedNanos);
  }

  @Override
  public void failed(Job job, Fault fault, long elapsedNanos) {
    meters(job).failed(fault.failure(), elapsedNanos);
    failureCounters[fault.failure().ordinal()].increment();
    failed++;
    failedTimes.record(elapsedNanos, nanos.getAsLong());
    ended(elapsedNanos);
  }

  @Override
  public void cancelled(Job job, String reason, long elapsedNanos) {
    meters(job).failed(Failure.CANCELLED, elapsedNanos);
    failureCounters[Failure.CANCELLED.ordinal()].increment();
    cancelled++;
    ended(elapsedNanos);
  }

  /** What was done since the process started. */
  NodeStats stats() {
    long ended = completed + failed + cancelled;
    return new NodeStats(active, completed, failed, cancelled, ended == 0 ? 0 : totalMs / ended);
  }

  /** What was done in the last five minutes. */
  public Recent recent() {
    long now = nanos.getAsLong();
    Latencies.Summary good = completedTimes.summary(now);
    long bad = failedTimes.summary(now).count();
    long all = good.count() + bad;
    return new Recent(good, all == 0 ? 0 : (double) bad / all);
  }

  /** Works out what the gauges show; called before the metrics are written. */
  void refresh() {
    if (!models.get().equals(listed)) {
      // Another provider may run a model of the same name now.
      listed = models.get();
      known.clear();
    }
    recent = recent();
  }

  /** A failure's name in labels: {@code provider_error}. */
  static String label(Failure failure) {
    return failure.name().toLowerCase(Locale.ROOT);
  }

  private void ended(long elapsedNanos) {
    active--;
    totalMs += elapsedNanos / 1e6;
  }

  /** A model becomes a label when the worker lists it, and only so many do. */
  private ModelMeters meters(Job job) {
    ModelMeters meters = known.get(job.model());
    return meters != null && meters.kind == job.kind() ? meters : find(job);
  }

  private ModelMeters find(Job job) {
    for (ModelInfo model : models.get()) {
      if (model.id().equals(job.model()) && known.size() < MAX_MODELS) {
        ModelMeters meters = new ModelMeters(registry, job.kind(), model.provider(), model.id());
        known.put(job.model(), meters);
        return meters;
      }
    }
    return other.computeIfAbsent(
        job.kind(), kind -> new ModelMeters(registry, kind, "", GenAi.OTHER));
  }

  private Counter outcome(String outcome) {
    return Counter.builder("muster.worker.jobs")
        .description("Jobs that ended, by how")
        .tag("outcome", outcome)
        .register(registry);
  }

  private void gauge(String name, String description, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble).description(description).register(registry);
  }

  private void quantile(String quantile, DoubleSupplier milliseconds) {
    Gauge.builder("muster.worker.response.time.seconds", () -> milliseconds.getAsDouble() / 1000)
        .description("Time that the jobs of the last five minutes took")
        .tag("quantile", quantile)
        .register(registry);
  }
}
