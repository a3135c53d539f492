package io.muster.bench;

import io.muster.bench.nodes.NodesRound;
import io.muster.bench.nodes.TasksRounds;
import io.muster.bench.report.Machine;
import io.muster.bench.report.NodeFigure;
import io.muster.bench.report.NodeMeasurements;
import io.muster.bench.report.NodesSection;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.SubjectMissing;
import io.muster.bench.subject.Workshop;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The benchmark's other half, {@code scripts/bench --nodes}: nodes at the socket in rounds with a
 * new hub each, then tasks on one hub and one worker; writes its section of the report.
 */
final class NodesMain {
  private static final int ROUNDS = 3;

  private NodesMain() {}

  static void run(Options options, Path root) throws Exception {
    String load = Machine.loadAverage();
    Workshop workshop = new Workshop(root, Files.createTempDirectory("muster-bench-"), 0);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(workshop)));
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    NodeMeasurements measurements = new NodeMeasurements();
    int rounds = options.rounds().orElse(options.quick() ? 1 : ROUNDS);
    long started = System.nanoTime();
    long busyBefore = Machine.busyMicros();
    long subjects = 0;
    try {
      for (int round = 1; round <= rounds; round++) {
        subjects += new NodesRound(vertx, workshop, round, measurements).run();
        say(
            progress(
                "round %d/%d of nodes: %.0f %% CPU, %.0f KiB a node",
                round, rounds, measurements, NodeFigure.CPU_NODES, NodeFigure.RESIDENT_NODE));
      }
      try (TasksRounds tasks = new TasksRounds(vertx, workshop, measurements)) {
        for (int round = 1; round <= rounds; round++) {
          tasks.round();
          say(
              progress(
                  "round %d/%d of tasks: %.0f accepted/s, %.0f finished/s",
                  round, rounds, measurements, NodeFigure.ACCEPTED, NodeFigure.FINISHED));
        }
        subjects += tasks.cpuMicros();
      }
    } catch (SubjectMissing | IllegalStateException e) {
      say(e.getMessage());
      System.exit(1);
    }
    double wall = (System.nanoTime() - started) / 1e3 * Runtime.getRuntime().availableProcessors();
    long ours = subjects + ProcessUsage.cpuMicros(ProcessHandle.current().pid());
    String section =
        NodesSection.markdown(
            measurements,
            System.getProperty("bench.revision", "of unknown revision"),
            rounds,
            load,
            (Machine.busyMicros() - busyBefore - ours) / wall);
    if (options.out().equals(Options.STANDARD_OUTPUT)) {
      System.out.print(section);
    } else {
      String page =
          Files.exists(options.out()) ? Files.readString(options.out()) : "# Benchmarks\n";
      Files.writeString(options.out(), NodesSection.into(page, section));
      say("written: " + options.out());
    }
  }

  /** An interrupted run leaves nothing behind. */
  private static void close(Workshop workshop) {
    List<ProcessHandle> children = ProcessHandle.current().children().toList();
    children.forEach(ProcessHandle::destroy);
    children.forEach(child -> child.onExit().completeOnTimeout(child, 10, TimeUnit.SECONDS).join());
    workshop.remove();
  }

  private static String progress(
      String format, int round, int rounds, NodeMeasurements all, NodeFigure one, NodeFigure two) {
    return String.format(format, round, rounds, all.last(one), all.last(two));
  }

  private static void say(String line) {
    System.err.println("bench: " + line);
  }
}
