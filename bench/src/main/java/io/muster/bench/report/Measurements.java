package io.muster.bench.report;

import io.muster.bench.load.LoadResult;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** All values of a run: of each subject, each figure, one a round. Not thread-safe. */
public final class Measurements {
  /** What has been seen of one subject. */
  private static final class OfSubject {
    final Map<Figure, List<Double>> figures = new EnumMap<>(Figure.class);
    final Map<String, List<Double>> cpuOfPart = new LinkedHashMap<>();
    final Map<String, List<Double>> residentOfPart = new LinkedHashMap<>();
    final Map<String, Long> errors = new TreeMap<>();
    String firstError;
    long clean;
    long pacedClean;
    long pacedAsked;
    int pacedPeak;
  }

  private final Map<String, OfSubject> subjects = new LinkedHashMap<>();

  private OfSubject of(String subject) {
    return subjects.computeIfAbsent(subject, name -> new OfSubject());
  }

  public void add(String subject, Figure figure, double value) {
    of(subject).figures.computeIfAbsent(figure, f -> new ArrayList<>()).add(value);
  }

  /** CPU microseconds a request of one process, at 16 connections. */
  public void addCpu(String subject, String part, double micros) {
    of(subject).cpuOfPart.computeIfAbsent(part, p -> new ArrayList<>()).add(micros);
  }

  /** Resident memory in MiB of one process at the end of a round. */
  public void addResident(String subject, String part, double mib) {
    of(subject).residentOfPart.computeIfAbsent(part, p -> new ArrayList<>()).add(mib);
  }

  /** Counts the answers and errors of a load; every load goes through here. */
  public void count(String subject, LoadResult result) {
    OfSubject seen = of(subject);
    seen.clean += result.clean();
    result.errors().forEach((kind, count) -> seen.errors.merge(kind, count, Long::sum));
    if (seen.firstError == null) {
      seen.firstError = result.firstError();
    }
  }

  /** Counts a pass of paced streams. */
  public void countPaced(String subject, LoadResult result, int asked) {
    OfSubject seen = of(subject);
    seen.pacedClean += result.clean();
    seen.pacedAsked += asked;
    seen.pacedPeak = Math.max(seen.pacedPeak, result.peakInFlight());
  }

  /** The value of the last round, NaN if there is none. */
  public double last(String subject, Figure figure) {
    List<Double> values = values(subject, figure);
    return values.isEmpty() ? Double.NaN : values.get(values.size() - 1);
  }

  boolean has(String subject) {
    return subjects.containsKey(subject);
  }

  Spread spread(String subject, Figure figure) {
    return Spread.of(values(subject, figure));
  }

  /** The subject's figure divided by the other's, round by round. */
  Spread ratio(String subject, String other, Figure figure) {
    List<Double> mine = values(subject, figure);
    List<Double> theirs = values(other, figure);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(mine.size(), theirs.size()); i++) {
      ratios.add(mine.get(i) / theirs.get(i));
    }
    return Spread.of(ratios);
  }

  Map<String, Spread> cpuOfParts(String subject) {
    return spreads(of(subject).cpuOfPart);
  }

  Map<String, Spread> residentOfParts(String subject) {
    return spreads(of(subject).residentOfPart);
  }

  long clean(String subject) {
    return of(subject).clean;
  }

  Map<String, Long> errors(String subject) {
    return of(subject).errors;
  }

  /** What the first error looked like, or null. */
  String firstError(String subject) {
    return of(subject).firstError;
  }

  long pacedClean(String subject) {
    return of(subject).pacedClean;
  }

  long pacedAsked(String subject) {
    return of(subject).pacedAsked;
  }

  int pacedPeak(String subject) {
    return of(subject).pacedPeak;
  }

  private List<Double> values(String subject, Figure figure) {
    return subjects.containsKey(subject)
        ? of(subject).figures.getOrDefault(figure, List.of())
        : List.of();
  }

  private static Map<String, Spread> spreads(Map<String, List<Double>> values) {
    Map<String, Spread> spreads = new LinkedHashMap<>();
    values.forEach((part, list) -> spreads.put(part, Spread.of(list)));
    return spreads;
  }
}
