package io.muster.hub.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobObserver;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.NodeState;
import io.muster.runtime.metric.Latencies;
import java.time.Clock;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Counts and times every job. All meters are looked up once and kept, so that a job costs some
 * hundred nanoseconds; labels come from what the fleet says of itself, never from what a client
 * sends. Used on the hub's event loop; its gauges are read elsewhere, after a {@link #refresh}.
 */
public final class HubMetrics implements JobObserver {
  private static final Failure[] FAILURES = Failure.values();

  /** How long the meters of a node that is offline are kept. */
  private static final long FORGET_AFTER_MS = 3_600_000;

  private final MeterRegistry registry;
  private final FleetView fleet;
  private final LongSupplier nanos;
  private final Clock clock;
  private final ModelLabels labels;
  private final Map<String, NodeMeters> nodes = new HashMap<>();
  private final Map<String, Flight> flights = new HashMap<>();
  private final Latencies latencies = new Latencies();
  private final Latencies firstTokens = new Latencies();

  private final Counter completedCounter;
  private final Counter retryCounter;
  private final Counter[] failureCounters = new Counter[FAILURES.length];
  private final Counter[] httpCounters = new Counter[6];
  private final long[] failures = new long[FAILURES.length];
  private final long[] http = new long[6];
  private final int[] nodesByState = new int[NodeState.values().length];

  private long requests;
  private long completed;
  private long retries;
  private long promptTokens;
  private long completionTokens;
  private int streams;
  private int queued;
  private int connections;

  /**
   * @param nanos a clock like {@link System#nanoTime}
   */
  public HubMetrics(MeterRegistry registry, FleetView fleet, LongSupplier nanos, Clock clock) {
    this.registry = registry;
    this.fleet = fleet;
    this.nanos = nanos;
    this.clock = clock;
    this.labels = new ModelLabels(registry, fleet);
    this.completedCounter = outcome("completed");
    for (Failure failure : FAILURES) {
      failureCounters[failure.ordinal()] = outcome(ModelMeters.label(failure));
    }
    this.retryCounter =
        Counter.builder("muster.retries")
            .description("Jobs sent to another node after a failure")
            .register(registry);
    for (int digit = 1; digit <= 5; digit++) {
      httpCounters[digit] =
          Counter.builder("muster.http.responses")
              .description("Answers over HTTP, by class of status")
              .tag("status", digit + "xx")
              .register(registry);
    }
    gauge("muster.requests.in.flight", "Jobs that have not ended", flights::size);
    gauge("muster.streams.in.flight", "Streaming jobs that have not ended", () -> streams);
    gauge("muster.queue.length", "Jobs that wait for a node", () -> queued);
    gauge("muster.http.connections", "Connections of HTTP clients", () -> connections);
    for (NodeState state : NodeState.values()) {
      Gauge.builder("muster.nodes", () -> nodesByState[state.ordinal()])
          .description("Nodes known, by state")
          .tag("state", state.label())
          .register(registry);
    }
  }

  @Override
  public void submitted(Job job) {
    requests++;
    if (flights.put(job.id(), new Flight(job.stream())) == null && job.stream()) {
      streams++;
    }
  }

  @Override
  public void attempted(Job job, String nodeId, int attempt) {
    Flight flight = flights.get(job.id());
    boolean retry = false;
    if (flight != null) {
      flight.attemptedAt = nanos.getAsLong();
      flight.trying = true;
      retry = ++flight.attempts > 1;
    }
    if (retry) {
      retries++;
      retryCounter.increment();
    }
    node(nodeId).attempted(retry);
  }

  @Override
  public void attemptFailed(Job job, String nodeId, Fault fault, long elapsedNanos) {
    Flight flight = flights.get(job.id());
    if (flight != null) {
      flight.trying = false;
    }
    node(nodeId).attemptFailed(fault, clock.millis());
  }

  @Override
  public void firstToken(Job job, String nodeId, long elapsedNanos) {
    Flight flight = flights.get(job.id());
    if (flight != null) {
      flight.firstToken = elapsedNanos;
    }
    long now = nanos.getAsLong();
    NodeMeters node = node(nodeId);
    node.firstToken(elapsedNanos, now);
    firstTokens.record(elapsedNanos, now);
    labels.on(node, nodeId, job).firstToken(elapsedNanos);
  }

  @Override
  public void completed(Job job, String nodeId, Usage usage, long elapsedNanos) {
    Usage used = usage == null ? Usage.NONE : usage;
    long now = nanos.getAsLong();
    Flight flight = end(job);
    NodeMeters node = node(nodeId);
    long attemptNanos = flight == null ? elapsedNanos : now - flight.attemptedAt;
    node.completed(attemptNanos, used, now);
    labels
        .on(node, nodeId, job)
        .completed(elapsedNanos, flight == null ? -1 : flight.firstToken, used);
    completed++;
    completedCounter.increment();
    promptTokens += used.promptTokens();
    completionTokens += used.completionTokens();
    latencies.record(elapsedNanos, now);
  }

  @Override
  public void failed(Job job, String nodeId, Fault fault, long elapsedNanos) {
    Flight flight = end(job);
    int index = fault.failure().ordinal();
    failures[index]++;
    failureCounters[index].increment();
    if (nodeId == null) {
      labels.unplaced(job).failed(elapsedNanos, fault);
      return;
    }
    NodeMeters node = node(nodeId);
    labels.on(node, nodeId, job).failed(elapsedNanos, fault);
    if (fault.failure() == Failure.CANCELLED) {
      node.cancelled();
    } else if (flight != null && flight.trying) {
      // The job's own deadline ends an attempt that did not fail by itself.
      node.attemptFailed(fault, clock.millis());
    }
  }

  /** An answer went out over HTTP, of whatever route, with this status. */
  public void httpResponded(int status) {
    int digit = status / 100;
    if (digit >= 1 && digit <= 5) {
      http[digit]++;
      httpCounters[digit].increment();
    }
  }

  /** A client of the HTTP server connected. */
  public void httpConnected() {
    connections++;
  }

  /** A client of the HTTP server is gone. */
  public void httpDisconnected() {
    connections--;
  }

  /** Takes the fleet as it is now into the gauges; called before the metrics are written. */
  public void refresh() {
    queued = fleet.queued();
    int[] states = new int[nodesByState.length];
    long now = clock.millis();
    Map<String, NodeView> current = new HashMap<>();
    for (NodeView view : fleet.nodes()) {
      states[view.state().ordinal()]++;
      if (view.state() != NodeState.OFFLINE || now - view.stateSince() < FORGET_AFTER_MS) {
        current.put(view.info().id(), view);
        node(view.info().id()).refresh(view);
      }
    }
    System.arraycopy(states, 0, nodesByState, 0, states.length);
    for (Iterator<Map.Entry<String, NodeMeters>> all = nodes.entrySet().iterator();
        all.hasNext(); ) {
      Map.Entry<String, NodeMeters> entry = all.next();
      if (!current.containsKey(entry.getKey())) {
        entry.getValue().remove();
        all.remove();
      }
    }
  }

  /** What was counted so far. */
  public Totals totals() {
    long now = nanos.getAsLong();
    Map<Failure, Long> kinds = new EnumMap<>(Failure.class);
    long errors = 0;
    for (Failure failure : FAILURES) {
      long count = failures[failure.ordinal()];
      if (count > 0) {
        kinds.put(failure, count);
        errors += failure == Failure.CANCELLED ? 0 : count;
      }
    }
    return new Totals(
        requests,
        completed,
        errors,
        failures[Failure.CANCELLED.ordinal()],
        retries,
        flights.size(),
        streams,
        latencies.summary(now),
        firstTokens.summary(now),
        promptTokens,
        completionTokens,
        kinds,
        http.clone(),
        connections);
  }

  /** What was counted about one node. */
  public NodeTotals totals(String nodeId) {
    NodeMeters node = nodes.get(nodeId);
    return node == null ? NodeTotals.NONE : node.totals(nanos.getAsLong());
  }

  private Flight end(Job job) {
    Flight flight = flights.remove(job.id());
    if (flight != null && flight.stream) {
      streams--;
    }
    return flight;
  }

  private NodeMeters node(String nodeId) {
    NodeMeters node = nodes.get(nodeId);
    if (node == null) {
      node = new NodeMeters(registry, nodeId, clock.millis());
      nodes.put(nodeId, node);
    }
    return node;
  }

  private Counter outcome(String outcome) {
    return Counter.builder("muster.requests")
        .description("Jobs that ended, by how")
        .tag("outcome", outcome)
        .register(registry);
  }

  private void gauge(String name, String description, IntSupplier value) {
    Gauge.builder(name, value::getAsInt).description(description).register(registry);
  }
}
