package io.muster.bench;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Counts in how many of a profile's stacks a method is at the top ("self") or anywhere ("total"),
 * the compilers' own left out.
 *
 * @param samples how many stacks there are
 */
record HotMethods(
    long samples, Map<String, Long> threads, Map<String, Long> self, Map<String, Long> total) {
  private static final int THREADS = 8;
  private static final int SELF = 30;
  private static final int TOTAL = 45;

  /** Reads stacks in the collapsed form, {@code [thread];outermost;…;innermost count} a line. */
  static HotMethods of(List<String> collapsed) {
    long samples = 0;
    Map<String, Long> threads = new HashMap<>();
    Map<String, Long> self = new HashMap<>();
    Map<String, Long> total = new HashMap<>();
    for (String line : collapsed) {
      int space = line.lastIndexOf(' ');
      long count = Long.parseLong(line.substring(space + 1));
      List<String> stack = Arrays.asList(line.substring(0, space).split(";", -1));
      samples += count;
      threads.merge(stack.get(0).replaceAll(" tid=\\d+", ""), count, Long::sum);
      if (stack.get(0).contains("Compiler")) {
        continue; // it ends when the process is warm
      }
      self.merge(stack.get(stack.size() - 1), count, Long::sum);
      stack.stream().skip(1).distinct().forEach(method -> total.merge(method, count, Long::sum));
    }
    return new HotMethods(samples, threads, self, total);
  }

  @Override
  public String toString() {
    Map<String, Long> own = new HashMap<>(total);
    own.keySet().removeIf(method -> !method.startsWith("io/muster/"));
    Map<String, Long> others = new HashMap<>(total);
    others.keySet().removeAll(own.keySet());
    return section("threads", threads, THREADS)
        + section("self", self, SELF)
        + section("with what they call, Muster's", own, TOTAL)
        + section("with what they call, others'", others, TOTAL);
  }

  private String section(String title, Map<String, Long> counts, int shown) {
    return counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(shown)
        .map(e -> String.format("%6.1f %% %s%n", 100.0 * e.getValue() / samples, e.getKey()))
        .collect(Collectors.joining("", "-- " + title + "\n", ""));
  }
}
