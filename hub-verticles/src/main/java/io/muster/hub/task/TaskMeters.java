package io.muster.hub.task;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntSupplier;

/** What is counted of tasks; every meter is looked up once. */
final class TaskMeters {
  private final MeterRegistry registry;
  private final Counter created;
  private final Counter fenced;
  private final Counter unknown;
  private final Map<TaskStatus, Counter> ended = new EnumMap<>(TaskStatus.class);
  private final Map<Outcome.Kind, Counter> attempts = new EnumMap<>(Outcome.Kind.class);
  private final Timer dispatch;

  TaskMeters(MeterRegistry registry) {
    this.registry = registry;
    this.created = counter("muster.tasks.accepted", "Tasks that were accepted");
    this.fenced =
        counter(
            "muster.tasks.fenced", "Results that came of an attempt that did not count any more");
    this.unknown = counter("muster.tasks.unknown", "Results of tasks that nobody knows");
    for (TaskStatus status : TaskStatus.values()) {
      if (status.isFinal()) {
        ended.put(
            status,
            Counter.builder("muster.tasks")
                .description("Tasks that ended, by how")
                .tag("outcome", status.label())
                .register(registry));
      }
    }
    for (Outcome.Kind kind : Outcome.Kind.values()) {
      attempts.put(
          kind,
          Counter.builder("muster.task.attempts")
              .description("Attempts that ended, by how")
              .tag("outcome", kind.label())
              .register(registry));
    }
    this.dispatch =
        Timer.builder("muster.task.dispatch")
            .description("From when a task could run until its node was told")
            .serviceLevelObjectives(
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(20),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofMinutes(1))
            .register(registry);
  }

  void gauges(IntSupplier waiting, IntSupplier running) {
    Gauge.builder("muster.tasks.waiting", waiting::getAsInt)
        .description("Tasks that wait for a node, a further try, or other tasks")
        .register(registry);
    Gauge.builder("muster.tasks.running", running::getAsInt)
        .description("Tasks that a node has")
        .register(registry);
  }

  void created() {
    created.increment();
  }

  void ended(TaskStatus status) {
    ended.get(status).increment();
  }

  void attempted(Outcome.Kind kind) {
    attempts.get(kind).increment();
  }

  void dispatched(long nanos) {
    dispatch.record(Duration.ofNanos(Math.max(0, nanos)));
  }

  void fenced() {
    fenced.increment();
  }

  void unknown() {
    unknown.increment();
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }
}
