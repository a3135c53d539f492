package io.muster.bench.report;

import io.muster.bench.load.Times;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All values of a run with nodes and tasks, one a round. Not thread-safe. */
public final class NodeMeasurements {
  /**
   * How tasks were dispatched.
   *
   * @param nodes that could take them
   * @param atOnce tasks on their way at one time
   */
  public record Dispatch(int nodes, int atOnce) {}

  /** Microseconds, one of each a round. */
  record DispatchTimes(
      List<Double> acceptedP50,
      List<Double> acceptedP99,
      List<Double> askedP50,
      List<Double> askedP99) {}

  private final Map<NodeFigure, List<Double>> figures = new EnumMap<>(NodeFigure.class);
  private final Map<Dispatch, DispatchTimes> dispatches = new LinkedHashMap<>();
  private final Map<String, Long> errors = new TreeMap<>();
  private long heartbeats;
  private long acks;
  private long tasks;
  private long completed;

  public void add(NodeFigure figure, double value) {
    figures.computeIfAbsent(figure, f -> new ArrayList<>()).add(value);
  }

  /**
   * Adds a round of tasks.
   *
   * @param accepted from their 201 to their arrival at a node
   * @param asked from the request for them to their arrival at a node
   */
  public void add(Dispatch dispatch, Times accepted, Times asked) {
    DispatchTimes times =
        dispatches.computeIfAbsent(
            dispatch,
            d ->
                new DispatchTimes(
                    new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
    times.acceptedP50.add(accepted.micros(0.5));
    times.acceptedP99.add(accepted.micros(0.99));
    times.askedP50.add(asked.micros(0.5));
    times.askedP99.add(asked.micros(0.99));
  }

  /** Counts heartbeats that were sent, and those of them that were answered in time. */
  public void countHeartbeats(long sent, long acked) {
    heartbeats += sent;
    acks += acked;
  }

  /** Counts tasks that were accepted, and those of them that the hub lists as completed. */
  public void countTasks(long accepted, long ended) {
    tasks += accepted;
    completed += ended;
  }

  /** Counts what was no right answer. */
  public void countErrors(Map<String, Long> more) {
    more.forEach((kind, count) -> errors.merge(kind, count, Long::sum));
  }

  /** The value of the last round, NaN if there is none. */
  public double last(NodeFigure figure) {
    List<Double> values = figures.getOrDefault(figure, List.of());
    return values.isEmpty() ? Double.NaN : values.get(values.size() - 1);
  }

  Spread spread(NodeFigure figure) {
    return Spread.of(figures.getOrDefault(figure, List.of()));
  }

  Map<Dispatch, DispatchTimes> dispatches() {
    return dispatches;
  }

  Map<String, Long> errors() {
    return errors;
  }

  String heartbeats() {
    return acks + " of " + heartbeats;
  }

  String tasks() {
    return completed + " of " + tasks;
  }
}
