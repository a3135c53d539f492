package io.muster.bench.report;

/** Every figure that is measured of a subject in each round, with its definition for the report. */
public enum Figure {
  P50_ONE(
      "p50, 1 connection",
      "µs",
      "Time from sending a request to the end of its answer, the next request sent when the last was answered."),
  P99_ONE("p99, 1 connection", "µs", null),
  ADDED_P50_ONE(
      "added p50, 1 connection",
      "µs",
      "That p50 less the p50 of the upstream asked directly in the same round."),
  RATE_FEW(
      "requests/s, 16 connections",
      "",
      "Whole answers (one JSON object) that arrived complete and right, a second; every connection sends its next request when the last was answered."),
  P99_FEW("p99, 16 connections", "µs", null),
  RATE_MANY("requests/s, 256 connections", "", null),
  P99_MANY("p99, 256 connections", "µs", null),
  STREAM_RATE(
      "streams/s, 16 connections",
      "",
      "Streams of 50 deltas that the upstream writes at once, counted when all deltas arrived in order and `[DONE]` after them."),
  STREAM_P99("p99 of a stream, 16 connections", "µs", null),
  FIRST_P50(
      "first token p50, 512 paced streams",
      "µs",
      "Time from sending the request to the arrival of the first delta, while 512 streams (64 deltas, one every 20 ms, the first at once) run on 512 connections; their starts are spread over 1 s, so that all are open together."),
  FIRST_P99("first token p99, 512 paced streams", "µs", null),
  ADDED_FIRST_P50(
      "added first token p50",
      "µs",
      "That p50 (p99) less the one of the upstream asked directly in the same round."),
  ADDED_FIRST_P99("added first token p99", "µs", null),
  DELTA_P50(
      "delay of a delta p50, 512 paced streams",
      "µs",
      "Time from the upstream's making of a delta, which carries it as a stamp, to its arrival; all deltas."),
  DELTA_P99("delay of a delta p99, 512 paced streams", "µs", null),
  CPU_REQUEST(
      "CPU a request",
      "µs",
      "User and system time of all the subject's processes, divided by the requests, at 16 connections."),
  CPU_STREAM("CPU a stream of 50 deltas at once", "µs", "The same for streams at 16 connections."),
  CPU_PACED("CPU a paced stream of 64 deltas", "µs", "The same for the paced streams."),
  RESIDENT(
      "resident memory",
      "MiB",
      "`VmRSS` of all the subject's processes, added, at the end of a round.");

  private final String title;
  private final String unit;
  private final String definition;

  Figure(String title, String unit, String definition) {
    this.title = title;
    this.unit = unit;
    this.definition = definition;
  }

  String title() {
    return unit.isEmpty() ? title : title + " (" + unit + ")";
  }

  /** What it means, or null where the figure before it says so too. */
  String definition() {
    return definition;
  }
}
