package io.muster.bench.nodes;

import io.muster.bench.report.NodeFigure;
import io.muster.bench.report.NodeMeasurements;
import io.muster.bench.subject.NodeHub;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.Running;
import io.muster.bench.subject.SubjectMissing;
import io.muster.bench.subject.Workshop;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Tasks for one worker through one hub, as fast as 16 connections ask. */
public final class TasksRounds implements AutoCloseable {
  private static final int CONNECTIONS = 16;
  private static final long WARM_UP_NANOS = 20_000_000_000L;
  private static final long ROUND_NANOS = 8_000_000_000L;
  private static final long DRAIN_NANOS = 60_000_000_000L;
  private static final int LOOK_MS = 50;

  private final NodeMeasurements into;
  private final EventLoop loop;
  private final Running running;
  private final HubClient hub;

  /** Starts hub and worker, and warms them up. */
  public TasksRounds(Vertx vertx, Workshop workshop, NodeMeasurements into)
      throws SubjectMissing, IOException, InterruptedException {
    this.into = into;
    this.loop = new EventLoop(vertx);
    this.running = NodeHub.withWorker(workshop, "tasks");
    try {
      hub = loop.call(() -> Future.succeededFuture(new HubClient(vertx, running)));
      hub.awaitReady(loop, running);
      hub.awaitTool(loop, running);
      post(WARM_UP_NANOS);
    } catch (IllegalStateException | InterruptedException e) {
      running.close();
      throw e;
    }
  }

  /** One value of each figure. */
  public void round() throws InterruptedException {
    Posted posted = post(ROUND_NANOS);
    Set<String> unfinished = new HashSet<>(posted.load.ids());
    loop.call(() -> hub.removeCompleted(unfinished));
    int accepted = posted.load.ids().size();
    into.countTasks(accepted, accepted - unfinished.size());
    into.countErrors(posted.load.errors());
    into.add(NodeFigure.ACCEPTED, accepted / posted.acceptedSeconds);
    into.add(NodeFigure.FINISHED, (accepted - unfinished.size()) / posted.finishedSeconds);
  }

  /** CPU time of hub and worker since they started. */
  public long cpuMicros() {
    return running.parts().stream().mapToLong(part -> ProcessUsage.cpuMicros(part.pid())).sum();
  }

  private Posted post(long nanos) throws InterruptedException {
    long before = loop.call(hub::completed);
    long started = System.nanoTime();
    TaskLoad load =
        new TaskLoad(
            hub,
            () -> System.nanoTime() - started < nanos,
            (id, askedAt, acceptedAt) -> Future.succeededFuture());
    loop.call(() -> load.run(CONNECTIONS));
    double accepted = (System.nanoTime() - started) / 1e9;
    while (loop.call(hub::completed) - before < load.ids().size()
        && System.nanoTime() - started < nanos + DRAIN_NANOS) {
      running.requireAlive();
      Thread.sleep(LOOK_MS);
    }
    return new Posted(load, accepted, (System.nanoTime() - started) / 1e9);
  }

  @Override
  public void close() {
    running.close();
  }

  private record Posted(TaskLoad load, double acceptedSeconds, double finishedSeconds) {}
}
