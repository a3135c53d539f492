package io.muster.bench.report;

/** Every figure of nodes at the socket and of tasks, with its definition for the report. */
public enum NodeFigure {
  JOIN(
      "1 000 new nodes joined within",
      "s",
      "From the first connection to the last `node_registered`; 64 nodes on their way in at a time,"
          + " each kept in the hub's database (H2) before it is answered. They show no key."),
  JOIN_AGAIN("the same 1 000 nodes joined again within", "s", null),
  CPU_ALONE(
      "CPU of the hub without nodes",
      "% of a core",
      "User and system time of the hub's process over 5 s in which nobody asks it anything."),
  CPU_NODES(
      "CPU of the hub with 1 000 nodes",
      "% of a core",
      "The same over 10 s in which 1 000 nodes send their heartbeats, one every 5 s each (6 times as"
          + " often as by default), and the hub answers them and tells the cluster of each node once"
          + " a second."),
  HEARTBEATS("heartbeats/s meanwhile", "", "Counted when they were acknowledged."),
  RESIDENT_NODE(
      "resident memory a node",
      "KiB",
      "`VmRSS` of the hub after the 1 000 have joined, less before, divided by 1 000. A JVM grows its"
          + " heap in steps, so this has chance in it."),
  HEAP_NODE(
      "live heap a node",
      "KiB",
      "The same of what the heap holds after a full collection (`jcmd GC.class_histogram`)."),
  ACCEPTED(
      "tasks accepted/s",
      "",
      "`POST /api/tasks` of the worker's `echo` on 16 connections, each asking when its last was"
          + " accepted: 201 answers a second. Each was committed to the hub's database (H2) before."),
  FINISHED(
      "tasks finished/s",
      "",
      "The same tasks, divided by the time from the first request to the last completion that the"
          + " hub's metrics show.");

  private final String title;
  private final String unit;
  private final String definition;

  NodeFigure(String title, String unit, String definition) {
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
