package io.muster.bench.nodes;

import io.muster.bench.load.Times;
import io.muster.bench.report.NodeFigure;
import io.muster.bench.report.NodeMeasurements;
import io.muster.bench.report.NodeMeasurements.Dispatch;
import io.muster.bench.subject.LiveHeap;
import io.muster.bench.subject.NodeHub;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.Running;
import io.muster.bench.subject.SubjectMissing;
import io.muster.bench.subject.Workshop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One round with a new hub: tasks at 10 and at 100 nodes, which warm it up; then all nodes go, 1
 * 000 others come and say that they live; then tasks at these.
 */
public final class NodesRound {
  private static final int ALL = 1000;
  private static final int HEARTBEAT_MS = 5000;
  private static final int WATCHED_MS = 10_000;
  private static final int REST_MS = 1500;
  private static final int TASKS = 1000;
  private static final int WARM_UPS = 4;
  private static final int LOOKS = 20;
  private static final int SETTLE_S = 10;
  private static final double SETTLED_PERCENT = 4;
  private static final int[] AT_ONCE = {1, 16};
  private static final double KIB = 1024;

  private final Vertx vertx;
  private final Workshop workshop;
  private final int round;
  private final NodeMeasurements into;
  private final EventLoop loop;
  private final Assignments assignments = new Assignments();

  /**
   * @param vertx of one event loop
   */
  public NodesRound(Vertx vertx, Workshop workshop, int round, NodeMeasurements into) {
    this.vertx = vertx;
    this.workshop = workshop;
    this.round = round;
    this.into = into;
    this.loop = new EventLoop(vertx);
  }

  /** Returns the CPU time that the hub has used, in microseconds. */
  public long run() throws SubjectMissing, IOException, InterruptedException {
    Map<String, String> settings =
        Map.of(
            "NODE_MAX_CONNECTIONS_PER_ADDRESS",
            "2000",
            "NODE_MAX_UNPROVED",
            "2000",
            "NODE_HEARTBEAT_INTERVAL_MS",
            Integer.toString(HEARTBEAT_MS),
            "NODE_HEARTBEAT_TIMEOUT_MS",
            Integer.toString(3 * HEARTBEAT_MS));
    try (Running running = NodeHub.alone(workshop, "nodes-" + round, settings)) {
      HubClient hub = loop.call(() -> Future.succeededFuture(new HubClient(vertx, running)));
      Fleet fleet = new Fleet(vertx, running.port(), 2 * ALL, assignments::assigned);
      hub.awaitReady(loop, running);
      measure(running.parts().get(0).pid(), hub, fleet);
      into.countErrors(fleet.errors());
      long micros = ProcessUsage.cpuMicros(running.parts().get(0).pid());
      loop.call(fleet::leave);
      loop.call(fleet::close);
      loop.call(hub::close);
      return micros;
    }
  }

  private void measure(long pid, HubClient hub, Fleet fleet)
      throws IOException, InterruptedException {
    loop.call(() -> fleet.join("early", 10));
    for (int i = 0; i < WARM_UPS; i++) {
      dispatch(hub, null, 16);
    }
    tasks(hub, 10);
    loop.call(() -> fleet.join("early", 90));
    tasks(hub, 100);
    loop.call(fleet::leave);
    settle(pid);

    into.add(NodeFigure.CPU_ALONE, cpuPercent(pid, WATCHED_MS / 2));
    long heap = LiveHeap.bytes(pid);
    long resident = ProcessUsage.residentKib(pid);
    join(fleet, NodeFigure.JOIN);
    rest(4 * REST_MS);

    long acked = loop.call(fleet::acks);
    into.add(NodeFigure.CPU_NODES, cpuPercent(pid, WATCHED_MS));
    into.add(NodeFigure.HEARTBEATS, (loop.call(fleet::acks) - acked) * 1000.0 / WATCHED_MS);
    into.add(NodeFigure.RESIDENT_NODE, (double) (ProcessUsage.residentKib(pid) - resident) / ALL);
    into.add(NodeFigure.HEAP_NODE, (LiveHeap.bytes(pid) - heap) / KIB / ALL);
    tasks(hub, ALL);
    long sent = loop.call(fleet::heartbeats);
    rest(REST_MS);
    into.countHeartbeats(sent, Math.min(sent, loop.call(fleet::acks)));

    loop.call(fleet::leave);
    rest(REST_MS);
    join(fleet, NodeFigure.JOIN_AGAIN);
  }

  private void join(Fleet fleet, NodeFigure figure) throws InterruptedException {
    long started = System.nanoTime();
    loop.call(() -> fleet.join("bench", ALL));
    into.add(figure, (System.nanoTime() - started) / 1e9);
  }

  private void tasks(HubClient hub, int nodes) throws InterruptedException {
    for (int atOnce : AT_ONCE) {
      dispatch(hub, new Dispatch(nodes, atOnce), atOnce);
    }
  }

  private void dispatch(HubClient hub, Dispatch measured, int atOnce) throws InterruptedException {
    Times accepted = new Times();
    Times asked = new Times();
    AtomicInteger left = new AtomicInteger(TASKS);
    TaskLoad load =
        new TaskLoad(
            hub,
            () -> left.getAndDecrement() > 0,
            (id, askedAt, acceptedAt) ->
                assignments
                    .of(id)
                    .timeout(10, TimeUnit.SECONDS)
                    .onSuccess(
                        at -> {
                          accepted.record(at - acceptedAt);
                          asked.record(at - askedAt);
                        }));
    loop.call(() -> load.run(atOnce));
    Set<String> unfinished = new HashSet<>(load.ids());
    for (int i = 0; i < LOOKS && !unfinished.isEmpty(); i++) {
      rest(REST_MS / 3); // the last results are on their way
      loop.call(() -> hub.removeCompleted(unfinished));
    }
    into.countTasks(load.ids().size(), load.ids().size() - unfinished.size());
    into.countErrors(load.errors());
    if (measured != null) {
      into.add(measured, accepted, asked);
    }
    assignments.forget();
  }

  /** Waits for the JVM's compilers, which have their own work for a while after a load. */
  private static void settle(long pid) throws InterruptedException {
    for (int i = 0; i < SETTLE_S && cpuPercent(pid, 1000) > SETTLED_PERCENT; i++) {
      continue;
    }
  }

  private static double cpuPercent(long pid, int ms) throws InterruptedException {
    long before = ProcessUsage.cpuMicros(pid);
    long started = System.nanoTime();
    rest(ms);
    return (ProcessUsage.cpuMicros(pid) - before) * 100_000.0 / (System.nanoTime() - started);
  }

  private static void rest(int ms) throws InterruptedException {
    Thread.sleep(ms);
  }
}
