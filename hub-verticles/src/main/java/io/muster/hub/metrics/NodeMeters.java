package io.muster.hub.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.fleet.NodeView;
import io.muster.job.Usage;
import io.muster.metric.Sample;
import io.muster.runtime.metric.Latencies;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What is counted about one node, and its figures as gauges; taken away when the node is gone. */
final class NodeMeters {
  /** The models of the node that were asked for, by name. */
  final Map<String, ModelMeters> models = new HashMap<>();

  private final MeterRegistry registry;
  private final String nodeId;
  private final long since;
  private final List<Meter> registered = new ArrayList<>();
  private final Counter attempts;
  private final Counter[] failures = new Counter[Failure.values().length];
  private final Latencies latencies = new Latencies();
  private final Latencies firstTokens = new Latencies();

  /** As of the last refresh; written on the event loop, read by whoever writes the metrics. */
  private volatile NodeView view;

  private final NodeGpuMeters gpus;

  private long requests;
  private long completed;
  private long errors;
  private long retries;
  private long cancelled;
  private long promptTokens;
  private long completionTokens;
  private NodeTotals.LastError lastError;

  NodeMeters(MeterRegistry registry, String nodeId, long since) {
    this.registry = registry;
    this.nodeId = nodeId;
    this.since = since;
    this.gpus =
        new NodeGpuMeters(
            registry, nodeId, () -> view == null ? null : fresh(view), registered::add);
    this.attempts =
        keep(
            Counter.builder("muster.job.attempts")
                .description("Jobs sent to a node, tries after a failure among them")
                .tag("node", nodeId)
                .register(registry));
  }

  void attempted(boolean retry) {
    requests++;
    attempts.increment();
    if (retry) {
      retries++;
    }
  }

  void attemptFailed(Fault fault, long at) {
    Failure failure = fault.failure();
    int index = failure.ordinal();
    Counter counter = failures[index];
    if (counter == null) {
      counter =
          keep(
              Counter.builder("muster.job.attempt.failures")
                  .description("Jobs sent to a node that failed there")
                  .tag("node", nodeId)
                  .tag("failure", ModelMeters.label(failure))
                  .register(registry));
      failures[index] = counter;
    }
    counter.increment();
    if (isItsFault(failure)) {
      errors++;
      lastError = new NodeTotals.LastError(at, ModelMeters.label(failure), fault.message());
    }
  }

  /** The client's own mistakes and a lack of places are nothing that the node did wrong. */
  private static boolean isItsFault(Failure failure) {
    return failure.httpStatus() >= 500
        && failure != Failure.NODE_BUSY
        && failure != Failure.NODE_DRAINING;
  }

  void firstToken(long elapsedNanos, long now) {
    firstTokens.record(elapsedNanos, now);
  }

  void completed(long elapsedNanos, Usage usage, long now) {
    completed++;
    promptTokens += usage.promptTokens();
    completionTokens += usage.completionTokens();
    latencies.record(elapsedNanos, now);
  }

  void cancelled() {
    cancelled++;
  }

  NodeTotals totals(long now) {
    return new NodeTotals(
        since,
        requests,
        completed,
        errors,
        retries,
        cancelled,
        latencies.summary(now),
        firstTokens.summary(now),
        promptTokens,
        completionTokens,
        lastError);
  }

  /** Takes the node as it is now; the first time, its gauges appear. */
  void refresh(NodeView now) {
    NodeView before = view;
    view = now;
    if (before == null) {
      registerGauges();
    } else if (!before.info().equals(now.info())) {
      // Another provider may run a model of the same name now.
      models.clear();
    }
    gpus.refresh();
  }

  void remove() {
    registered.forEach(registry::remove);
    registered.clear();
  }

  private void registerGauges() {
    gauge("muster.node.active", "Jobs that this hub has on the node", NodeView::active);
    gauge(
        "muster.node.capacity", "Jobs that the node takes at once", v -> v.info().maxConcurrent());
    gauge("muster.node.up", "1 for a node that is alive, else 0", v -> v.isUp() ? 1 : 0);
    gauge(
        "muster.node.alarms",
        "Figures that are beyond what is good for the machine",
        v -> v.alarms().size());
    sampled("muster.node.cpu.ratio", "Share of all processors in use", Sample::cpu);
    sampled("muster.node.load1", "Load average over a minute", Sample::load);
    sampled("muster.node.memory.size.bytes", "Memory", s -> (double) s.memoryTotal());
    sampled(
        "muster.node.memory.used.bytes",
        "Memory that is not available to programs",
        s -> (double) s.memoryUsed());
    sampled("muster.node.swap.size.bytes", "Swap space", s -> (double) s.swapTotal());
    sampled("muster.node.swap.used.bytes", "Swap space in use", s -> (double) s.swapUsed());
    sampled(
        "muster.node.disk.size.bytes",
        "File system with the node's data",
        s -> (double) s.diskTotal());
    sampled(
        "muster.node.disk.free.bytes",
        "File system with the node's data: usable space",
        s -> (double) s.diskFree());
    sampled(
        "muster.node.connections", "Established TCP connections", s -> (double) s.connections());
    counted(
        "muster.node.network.receive.bytes",
        "Received over the machine's network cards",
        Sample::netReceived);
    counted(
        "muster.node.network.transmit.bytes",
        "Sent over the machine's network cards",
        Sample::netSent);
  }

  private void gauge(String name, String description, ToDoubleFunction<NodeView> figure) {
    keep(
        Gauge.builder(name, this, meters -> figure.applyAsDouble(meters.view))
            .description(description)
            .tag("node", nodeId)
            .register(registry));
  }

  private void sampled(String name, String description, ToDoubleFunction<Sample> figure) {
    gauge(name, description, v -> known(fresh(v), figure, Double.NaN));
  }

  /** What a node told before it went away is no figure of now. */
  private static Sample fresh(NodeView node) {
    return node.isUp() ? node.sample() : null;
  }

  private void counted(String name, String description, ToDoubleFunction<Sample> figure) {
    keep(
        FunctionCounter.builder(name, this, meters -> known(meters.view.sample(), figure, 0))
            .description(description)
            .tag("node", nodeId)
            .register(registry));
  }

  private static double known(Sample sample, ToDoubleFunction<Sample> figure, double otherwise) {
    double value = sample == null ? -1 : figure.applyAsDouble(sample);
    return value < 0 ? otherwise : value;
  }

  private <M extends Meter> M keep(M meter) {
    registered.add(meter);
    return meter;
  }
}
