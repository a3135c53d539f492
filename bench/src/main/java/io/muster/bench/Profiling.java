package io.muster.bench;

import io.muster.bench.load.Load;
import io.muster.bench.load.LoadRequest;
import io.muster.bench.subject.ChildProcess;
import io.muster.bench.subject.Running;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

/**
 * Shows what Muster's CPU time goes to: runs whole answers, then streams, then paced streams, and
 * reads the methods at the top of the sampled stacks, and all methods on them, from the recordings.
 */
final class Profiling {
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final int SHOWN = 25;

  private Profiling() {}

  /** The subject is closed afterwards: its recordings are written when its processes end. */
  static void run(Running subject, Path recordings) throws IOException {
    Map<String, Instant[]> phases = new HashMap<>();
    steady(subject, LoadRequest.INSTANT, WARM_UP);
    steady(subject, LoadRequest.STREAM, WARM_UP);
    phases.put("requests", timed(() -> steady(subject, LoadRequest.INSTANT, MEASURED)));
    phases.put("streams", timed(() -> steady(subject, LoadRequest.STREAM, MEASURED)));
    phases.put("paced streams", timed(() -> paced(subject)));
    subject.close();
    for (ChildProcess process : subject.owned()) {
      Path recording = recordings.resolve(process.name() + ".jfr");
      for (Map.Entry<String, Instant[]> phase : phases.entrySet()) {
        show(process.name() + ", " + phase.getKey(), recording, phase.getValue());
      }
    }
  }

  private static void steady(Running subject, LoadRequest request, Duration duration) {
    try (Load load = new Load(subject.port(), request, subject.headers(), Plan.FEW)) {
      System.out.printf("%s: %.0f/s%n", request, load.steady(duration).perSecond());
    }
  }

  private static void paced(Running subject) {
    try (Load load = new Load(subject.port(), LoadRequest.PACED, subject.headers(), Plan.PACED)) {
      for (int i = 0; i < 4; i++) {
        load.spread(Plan.PACED_SPREAD);
      }
    }
  }

  private static Instant[] timed(Runnable phase) {
    Instant start = Instant.now();
    phase.run();
    return new Instant[] {start, Instant.now()};
  }

  private static void show(String title, Path recording, Instant[] phase) throws IOException {
    Map<String, Integer> top = new HashMap<>();
    Map<String, Integer> anywhere = new HashMap<>();
    Map<String, Integer> threads = new HashMap<>();
    int samples = 0;
    try (RecordingFile file = new RecordingFile(recording)) {
      while (file.hasMoreEvents()) {
        RecordedEvent event = file.readEvent();
        String type = event.getEventType().getName();
        boolean sample =
            type.equals("jdk.ExecutionSample") || type.equals("jdk.NativeMethodSample");
        if (!sample
            || event.getStackTrace() == null
            || event.getStartTime().isBefore(phase[0])
            || event.getStartTime().isAfter(phase[1])) {
          continue;
        }
        List<String> stack = new ArrayList<>();
        for (RecordedFrame frame : event.getStackTrace().getFrames()) {
          stack.add(frame.getMethod().getType().getName() + "." + frame.getMethod().getName());
        }
        if (stack.get(0).contains("EPoll.wait")) {
          continue; // waiting, not working
        }
        samples++;
        top.merge(stack.get(0), 1, Integer::sum);
        stack.stream().distinct().forEach(method -> anywhere.merge(method, 1, Integer::sum));
        threads.merge(event.getThread("sampledThread").getJavaName() + "", 1, Integer::sum);
      }
    }
    System.out.printf("%n== %s: %d samples%n", title, samples);
    print("threads", threads, samples, 5);
    print("at the top", top, samples, SHOWN);
    print("anywhere", anywhere, samples, 3 * SHOWN);
  }

  private static void print(String title, Map<String, Integer> counts, int samples, int shown) {
    System.out.println("-- " + title);
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(shown)
        .forEach(
            entry ->
                System.out.printf(
                    "%5.1f %% %s%n", 100.0 * entry.getValue() / samples, entry.getKey()));
  }
}
