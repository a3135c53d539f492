package io.muster.bench;

import io.muster.bench.load.Load;
import io.muster.bench.load.LoadRequest;
import io.muster.bench.load.LoadResult;
import io.muster.bench.load.Times;
import io.muster.bench.report.Figure;
import io.muster.bench.report.Measurements;
import io.muster.bench.subject.Part;
import io.muster.bench.subject.ProcessUsage;
import io.muster.bench.subject.Running;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Warms one subject up, or measures it for one round. */
final class Measuring {
  private final Plan plan;
  private final Measurements into;

  Measuring(Plan plan, Measurements into) {
    this.plan = plan;
    this.into = into;
  }

  /** Load that is not measured: compilers, pools and caches get to where they stay. */
  void warmUp(Running subject) {
    warmUp(subject, LoadRequest.INSTANT, plan.warmUp());
    steady(subject, LoadRequest.INSTANT, Plan.MANY, plan.warmUp().dividedBy(4));
    warmUp(subject, LoadRequest.STREAM, plan.warmUp());
    paced(subject, plan.pacedWarmUps());
  }

  /** For the given time, and up to three times as long where a busy machine lets little through. */
  static void warmUp(Running subject, LoadRequest request, Duration time) {
    long answers = steady(subject, request, Plan.FEW, time).clean();
    for (int more = 0; more < 2 && answers < Plan.WARM; more++) {
      answers += steady(subject, request, Plan.FEW, time).clean();
    }
  }

  /** One value of each figure. */
  void round(Running subject) {
    String name = subject.name();
    LoadResult one = counted(subject, LoadRequest.INSTANT, 1, plan.latency());
    into.add(name, Figure.P50_ONE, one.latency().micros(0.5));
    into.add(name, Figure.P99_ONE, one.latency().micros(0.99));

    Usage few =
        used(subject, () -> counted(subject, LoadRequest.INSTANT, Plan.FEW, plan.throughput()));
    into.add(name, Figure.RATE_FEW, few.result.perSecond());
    into.add(name, Figure.P99_FEW, few.result.latency().micros(0.99));
    into.add(name, Figure.CPU_REQUEST, few.total() / few.result.clean());
    few.micros.forEach((part, micros) -> into.addCpu(name, part, micros / few.result.clean()));

    LoadResult many = counted(subject, LoadRequest.INSTANT, Plan.MANY, plan.throughput());
    into.add(name, Figure.RATE_MANY, many.perSecond());
    into.add(name, Figure.P99_MANY, many.latency().micros(0.99));

    Usage streams =
        used(subject, () -> counted(subject, LoadRequest.STREAM, Plan.FEW, plan.streams()));
    into.add(name, Figure.STREAM_RATE, streams.result.perSecond());
    into.add(name, Figure.STREAM_P99, streams.result.latency().micros(0.99));
    into.add(name, Figure.CPU_STREAM, streams.total() / streams.result.clean());

    Usage paced = used(subject, () -> paced(subject, plan.pacedPasses()));
    int asked = Plan.PACED * plan.pacedPasses();
    into.count(name, paced.result);
    into.countPaced(name, paced.result, asked);
    into.add(name, Figure.FIRST_P50, paced.result.firstToken().micros(0.5));
    into.add(name, Figure.FIRST_P99, paced.result.firstToken().micros(0.99));
    into.add(name, Figure.DELTA_P50, paced.result.deltaDelay().micros(0.5));
    into.add(name, Figure.DELTA_P99, paced.result.deltaDelay().micros(0.99));
    into.add(name, Figure.CPU_PACED, paced.total() / asked);

    double resident = 0;
    for (Part part : subject.parts()) {
      double mib = ProcessUsage.residentKib(part.pid()) / 1024.0;
      into.addResident(name, part.name(), mib);
      resident += mib;
    }
    into.add(name, Figure.RESIDENT, resident);
  }

  private LoadResult counted(
      Running subject, LoadRequest request, int connections, Duration duration) {
    LoadResult result = steady(subject, request, connections, duration);
    into.count(subject.name(), result);
    return result;
  }

  static LoadResult steady(
      Running subject, LoadRequest request, int connections, Duration duration) {
    subject.requireAlive();
    try (Load load = new Load(subject.port(), request, subject.headers(), connections)) {
      return load.steady(duration);
    } finally {
      rest();
    }
  }

  /** The passes use the same connections; their times are put together. */
  static LoadResult paced(Running subject, int passes) {
    subject.requireAlive();
    Times latency = new Times();
    Times firstToken = new Times();
    Times deltaDelay = new Times();
    Map<String, Long> errors = new LinkedHashMap<>();
    String firstError = null;
    long clean = 0;
    double seconds = 0;
    int peak = 0;
    try (Load load = new Load(subject.port(), LoadRequest.PACED, subject.headers(), Plan.PACED)) {
      for (int i = 0; i < passes; i++) {
        LoadResult pass = load.spread(Plan.PACED_SPREAD);
        latency.add(pass.latency());
        firstToken.add(pass.firstToken());
        deltaDelay.add(pass.deltaDelay());
        pass.errors().forEach((kind, count) -> errors.merge(kind, count, Long::sum));
        firstError = firstError == null ? pass.firstError() : firstError;
        clean += pass.clean();
        seconds += pass.seconds();
        peak = Math.max(peak, pass.peakInFlight());
      }
    } finally {
      rest();
    }
    return new LoadResult(
        clean, errors, firstError, seconds, latency, firstToken, deltaDelay, peak);
  }

  private static Usage used(Running subject, Supplier<LoadResult> load) {
    Map<String, Long> before = cpu(subject);
    LoadResult result = load.get();
    Map<String, Double> micros = new LinkedHashMap<>();
    cpu(subject).forEach((part, now) -> micros.put(part, (double) (now - before.get(part))));
    return new Usage(result, micros);
  }

  private static Map<String, Long> cpu(Running subject) {
    Map<String, Long> micros = new LinkedHashMap<>();
    for (Part part : subject.parts()) {
      micros.put(part.name(), ProcessUsage.cpuMicros(part.pid()));
    }
    return micros;
  }

  private static void rest() {
    try {
      Thread.sleep(Plan.REST.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private record Usage(LoadResult result, Map<String, Double> micros) {
    double total() {
      return micros.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }
}
