package io.muster.worker.ops;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Failure;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.muster.node.NodeStats;
import io.muster.runtime.metric.GenAi;
import io.muster.runtime.metric.Latencies;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * Counts and times the worker's jobs. Meters are looked up once and kept. Used on the event loop;
 * its gauges are read elsewhere, after a {@link #refresh}.
 */
public final class WorkerMetrics {
  private static final Failure[] FAILURES = Failure.values();
  private static final int MAX_MODELS = 200;

  private final MeterRegistry registry;
  private final LongSupplier nanos;
  private final Map<ModelInfo, ModelMeters> models = new HashMap<>();
  private final Counter startedCounter;
  private final Counter completedCounter;
  private final Counter[] failureCounters = new Counter[FAILURES.length];
  private final Latencies completedTimes = new Latencies();
  private final Latencies failedTimes = new Latencies();

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
   * @param nanos a clock like {@link System#nanoTime}
   */
  public WorkerMetrics(MeterRegistry registry, LongSupplier nanos) {
    this.registry = registry;
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
    percentile("50", () -> recent.responseTime().p50());
    percentile("95", () -> recent.responseTime().p95());
    percentile("99", () -> recent.responseTime().p99());
  }

  /**
   * A job came in.
   *
   * @param model what runs it, null when the worker has no such model
   */
  public JobMeter started(Job.Kind kind, ModelInfo model) {
    active++;
    startedCounter.increment();
    return new JobMeter(this, meters(kind, model), nanos.getAsLong());
  }

  /** What was done since the process started; the cancelled count into its average, too. */
  public NodeStats stats() {
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
    recent = recent();
  }

  long nanosSince(long startedAt) {
    return nanos.getAsLong() - startedAt;
  }

  void completed(ModelMeters model, long elapsedNanos) {
    model.completed(elapsedNanos);
    completed++;
    completedCounter.increment();
    completedTimes.record(elapsedNanos, nanos.getAsLong());
    ended(elapsedNanos);
  }

  void failed(ModelMeters model, Failure failure, long elapsedNanos) {
    model.failed(failure, elapsedNanos);
    failureCounters[failure.ordinal()].increment();
    if (failure == Failure.CANCELLED) {
      cancelled++;
    } else {
      failed++;
      failedTimes.record(elapsedNanos, nanos.getAsLong());
    }
    ended(elapsedNanos);
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
  private ModelMeters meters(Job.Kind kind, ModelInfo model) {
    ModelMeters meters = models.get(model);
    if (meters == null) {
      boolean listed = model != null && models.size() < MAX_MODELS;
      meters =
          new ModelMeters(
              registry,
              listed
                  ? GenAi.labels(kind.capability(), model.provider(), model.id())
                  : GenAi.labels(kind.capability(), "", GenAi.OTHER));
      if (listed || model == null) {
        models.put(model, meters);
      }
    }
    return meters;
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

  private void percentile(String percentile, DoubleSupplier milliseconds) {
    Gauge.builder("muster.worker.response.time.seconds", () -> milliseconds.getAsDouble() / 1000)
        .description("Time that the jobs of the last five minutes took")
        .tag("percentile", percentile)
        .register(registry);
  }
}
