package io.muster.hub.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.runtime.metric.GenAi;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The meters of one model at one provider, looked up once and kept. */
final class ModelMeters {
  private static final Failure[] FAILURES = Failure.values();

  final Job.Kind kind;

  private final MeterRegistry registry;
  private final Tags labels;
  private final Timer completed;
  private final Timer firstToken;
  private final Timer perToken;
  private final DistributionSummary input;
  private final DistributionSummary output;
  private final Timer[] failed = new Timer[FAILURES.length];

  ModelMeters(MeterRegistry registry, Job.Kind kind, String provider, String model) {
    this.kind = kind;
    this.registry = registry;
    this.labels = GenAi.labels(kind.capability(), provider, model);
    this.completed = GenAi.requestDuration(registry, labels, "");
    this.firstToken = GenAi.timeToFirstToken(registry, labels);
    this.perToken = GenAi.timePerOutputToken(registry, labels);
    this.input = GenAi.tokenUsage(registry, labels, "input");
    this.output = GenAi.tokenUsage(registry, labels, "output");
  }

  void firstToken(long elapsedNanos) {
    firstToken.record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  /**
   * @param firstTokenNanos negative where there was no stream
   */
  void completed(long elapsedNanos, long firstTokenNanos, Usage usage) {
    completed.record(elapsedNanos, TimeUnit.NANOSECONDS);
    input.record(usage.promptTokens());
    output.record(usage.completionTokens());
    if (firstTokenNanos >= 0 && usage.completionTokens() > 1) {
      long span = Math.max(0, elapsedNanos - firstTokenNanos);
      perToken.record(span / (usage.completionTokens() - 1), TimeUnit.NANOSECONDS);
    }
  }

  void failed(long elapsedNanos, Fault fault) {
    int index = fault.failure().ordinal();
    Timer timer = failed[index];
    if (timer == null) {
      timer = GenAi.requestDuration(registry, labels, label(fault.failure()));
      failed[index] = timer;
    }
    timer.record(elapsedNanos, TimeUnit.NANOSECONDS);
  }

  /** A failure's name in labels and in JSON: {@code provider_error}. */
  static String label(Failure failure) {
    return failure.name().toLowerCase(Locale.ROOT);
  }
}
