package io.muster.bench;

import com.sun.tools.attach.AgentInitializationException;
import com.sun.tools.attach.AgentLoadException;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import io.muster.bench.load.LoadRequest;
import io.muster.bench.load.LoadResult;
import io.muster.bench.subject.Part;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.Running;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Shows what Muster's CPU time goes to: attaches async-profiler to hub and worker while they answer
 * whole requests, streams at once and paced streams, prints the hottest methods of each, and keeps
 * the stacks and flame graphs in {@code bench/target/profile}.
 */
final class Profiling {
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration PROFILED = Duration.ofSeconds(12);
  private static final int PACED_PASSES = 5;

  private final Running subject;
  private final Path library;
  private final Path results;

  /**
   * Prepares the profiler.
   *
   * @param root the repository
   * @throws IOException if the results' folder cannot be written
   */
  Profiling(Running subject, Path root) throws IOException {
    this.subject = subject;
    results = Files.createDirectories(root.resolve("bench/target/profile"));
    library = results.resolve("libasyncProfiler.so");
    String machine = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "x64";
    try (InputStream in =
        ClassLoader.getSystemResourceAsStream("linux-" + machine + "/libasyncProfiler.so")) {
      Files.write(library, in.readAllBytes());
    }
  }

  void run() throws IOException {
    Measuring.warmUp(subject, LoadRequest.INSTANT, WARM_UP);
    Measuring.warmUp(subject, LoadRequest.STREAM, WARM_UP);
    Measuring.paced(subject, PACED_PASSES);
    profiled("requests", () -> steady(LoadRequest.INSTANT));
    profiled("streams", () -> steady(LoadRequest.STREAM));
    profiled("paced streams", () -> Measuring.paced(subject, PACED_PASSES));
    System.out.println("\nstacks and flame graphs: " + results);
  }

  private LoadResult steady(LoadRequest request) {
    return Measuring.steady(subject, request, Plan.FEW, PROFILED);
  }

  private void profiled(String phase, Supplier<LoadResult> load) throws IOException {
    for (Part part : subject.parts()) {
      command(part, "start,event=cpu,interval=500us,threads");
    }
    long[] before = cpu();
    LoadResult result = load.get();
    long[] after = cpu();
    System.out.printf(
        "%n=== %s: %d answers, %.0f/s, %d errors%n",
        phase, result.clean(), result.perSecond(), result.failed());
    for (int i = 0; i < subject.parts().size(); i++) {
      Part part = subject.parts().get(i);
      String file = (part.name() + "-" + phase).replace(' ', '-').toLowerCase(Locale.ROOT);
      Path stacks = results.resolve(file + ".collapsed");
      command(part, "dump,collapsed,threads,file=" + stacks);
      command(part, "stop,flamegraph,threads,file=" + results.resolve(file + ".html"));
      System.out.printf(
          "%n== %s, %s: %.1f µs CPU an answer%n",
          part.name(), phase, (double) (after[i] - before[i]) / result.clean());
      System.out.print(HotMethods.of(Files.readAllLines(stacks)));
    }
  }

  private long[] cpu() {
    return subject.parts().stream().mapToLong(p -> ProcessUsage.cpuMicros(p.pid())).toArray();
  }

  private void command(Part part, String command) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(part.pid()));
      try {
        machine.loadAgentPath(library.toString(), command);
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException | AgentLoadException | AgentInitializationException e) {
      throw new IOException("cannot profile " + part.name() + ": " + e.getMessage(), e);
    }
  }
}
