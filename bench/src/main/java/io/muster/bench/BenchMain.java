package io.muster.bench;

import io.muster.bench.report.Figure;
import io.muster.bench.report.Machine;
import io.muster.bench.report.Measurements;
import io.muster.bench.report.NodesSection;
import io.muster.bench.report.Report;
import io.muster.bench.subject.ChildProcess;
import io.muster.bench.subject.Direct;
import io.muster.bench.subject.HaProxy;
import io.muster.bench.subject.Muster;
import io.muster.bench.subject.Nginx;
import io.muster.bench.subject.Portkey;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.Running;
import io.muster.bench.subject.Subject;
import io.muster.bench.subject.SubjectMissing;
import io.muster.bench.subject.Workshop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The benchmark: starts the upstream and every subject, warms them up, measures them in turn in
 * several rounds (A B C, A B C, …, so that a slow minute of the machine hits all), and writes the
 * report. Run by scripts/bench, which installs and builds what is needed.
 */
public final class BenchMain {
  private final Options options;
  private final Plan plan;
  private final Workshop workshop;
  private final ChildProcess upstream;
  private final String revision;
  private final List<Running> running = new ArrayList<>();
  private final Map<String, String> missing = new LinkedHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private BenchMain(Options options, Path root) throws IOException, InterruptedException {
    this.options = options;
    this.plan = Plan.of(options);
    this.revision = System.getProperty("bench.revision", "of unknown revision");
    Path dir = Files.createTempDirectory("muster-bench-");
    upstream = startUpstream(dir);
    workshop = new Workshop(root, dir, upstreamPort());
  }

  /**
   * Runs the benchmark from the repository's root.
   *
   * @param args see {@link Options#USAGE}
   */
  public static void main(String[] args) throws Exception {
    if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
      System.out.print(Options.USAGE);
      return;
    }
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.exit(2);
      return;
    }
    if (options.nodes()) {
      NodesMain.run(options, Path.of("").toAbsolutePath());
      System.exit(0);
      return;
    }
    BenchMain bench = new BenchMain(options, Path.of("").toAbsolutePath());
    Runtime.getRuntime().addShutdownHook(new Thread(bench::close));
    try {
      bench.run();
    } catch (IllegalStateException e) {
      System.err.println("bench: " + e.getMessage());
      System.exit(1);
    }
    System.exit(0);
  }

  private void run() throws IOException, InterruptedException {
    String load = Machine.loadAverage();
    for (Subject subject : subjects()) {
      start(subject);
    }
    Probe probe = new Probe();
    for (Running subject : running) {
      probe.examine(subject);
      say(subject.name() + " answers right: " + subject.version());
    }
    if (options.profile()) {
      new Profiling(running.get(0), workshop.root()).run();
      return;
    }
    Measurements measurements = new Measurements();
    Measuring measuring = new Measuring(plan, measurements);
    for (Running subject : running) {
      say("warming up " + subject.name());
      measuring.warmUp(subject);
    }
    long started = System.nanoTime();
    long busyBefore = Machine.busyMicros();
    long oursBefore = ourMicros();
    for (int round = 1; round <= plan.rounds(); round++) {
      for (Running subject : running) {
        measuring.round(subject);
        addToDirect(subject.name(), measurements);
        say(progress(round, subject.name(), measurements));
      }
    }
    double wall = (System.nanoTime() - started) / 1e3 * Runtime.getRuntime().availableProcessors();
    double others = (Machine.busyMicros() - busyBefore - (ourMicros() - oursBefore)) / wall;

    Report report = new Report(measurements, running, missing, plan.rounds(), load, others);
    String page = report.markdown(options.quick());
    if (options.out().equals(Options.STANDARD_OUTPUT)) {
      System.out.print(page);
    } else {
      // Measured by a run of its own: the figures that are there stay.
      String nodes = Files.exists(options.out()) ? NodesSection.of(options.out()) : "";
      Files.writeString(options.out(), NodesSection.into(page, nodes));
      say("written: " + options.out());
    }
  }

  private List<Subject> subjects() {
    List<Subject> all =
        List.of(
            new Direct(upstream),
            new Nginx(),
            new HaProxy(),
            new Portkey(),
            new Muster(revision, options.profile()));
    List<String> wanted = options.profile() ? List.of("muster") : options.only();
    return all.stream().filter(subject -> wanted.contains(subject.name())).toList();
  }

  private void start(Subject subject) throws IOException {
    try {
      Running started = subject.start(workshop);
      running.add(started);
    } catch (SubjectMissing e) {
      missing.put(subject.name(), e.getMessage());
      say("without " + subject.name() + ": " + e.getMessage());
      if (options.profile()) {
        throw new IllegalStateException(e.getMessage(), e);
      }
    }
  }

  private static ChildProcess startUpstream(Path dir) {
    return ChildProcess.start(
        "upstream",
        dir,
        Map.of(),
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms256m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-Dvertx.disableHttpHeadersValidation=true",
            "-Dvertx.disableMetrics=true",
            "-Dvertx.disableContextTimings=true",
            "-Dio.netty.buffer.checkAccessible=false",
            "-Dio.netty.buffer.checkBounds=false",
            "-cp",
            System.getProperty("java.class.path"),
            "io.muster.bench.upstream.UpstreamMain"));
  }

  private int upstreamPort() throws InterruptedException {
    long end = System.nanoTime() + 20_000_000_000L;
    while (upstream.alive() && System.nanoTime() < end) {
      for (String line : upstream.output().split("\n", -1)) {
        if (line.matches("port \\d+")) {
          return Integer.parseInt(line.substring(5));
        }
      }
      Thread.sleep(50);
    }
    throw new IllegalStateException("the upstream does not start:\n" + upstream.lastOutput());
  }

  private static void addToDirect(String subject, Measurements measurements) {
    Map<Figure, Figure> added =
        Map.of(
            Figure.ADDED_P50_ONE, Figure.P50_ONE,
            Figure.ADDED_FIRST_P50, Figure.FIRST_P50,
            Figure.ADDED_FIRST_P99, Figure.FIRST_P99);
    if (!subject.equals("direct")) {
      added.forEach(
          (to, of) ->
              measurements.add(
                  subject, to, measurements.last(subject, of) - measurements.last("direct", of)));
    }
  }

  private String progress(int round, String subject, Measurements measurements) {
    return String.format(
        "round %d/%d %-8s p50 %.0f µs, %.0f requests/s, %.0f streams/s, first token %.0f µs",
        round,
        plan.rounds(),
        subject,
        measurements.last(subject, Figure.P50_ONE),
        measurements.last(subject, Figure.RATE_FEW),
        measurements.last(subject, Figure.STREAM_RATE),
        measurements.last(subject, Figure.FIRST_P50));
  }

  private long ourMicros() {
    long own = ProcessUsage.cpuMicros(ProcessHandle.current().pid());
    return running.stream()
        .flatMap(subject -> subject.parts().stream())
        .mapToLong(part -> ProcessUsage.cpuMicros(part.pid()))
        .reduce(own, Long::sum);
  }

  private void close() {
    if (closed.compareAndSet(false, true)) {
      for (int i = running.size() - 1; i >= 0; i--) {
        running.get(i).close();
      }
      upstream.close();
      workshop.remove();
    }
  }

  private static void say(String line) {
    System.err.println("bench: " + line);
  }
}
