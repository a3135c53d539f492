package io.muster.bench;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param quick short measurements, for a first impression
 * @param rounds how often every subject is measured; empty: as the plan says
 * @param only the subjects wanted; empty: all
 * @param out the report
 * @param profile profile Muster instead of comparing subjects
 * @param nodes measure nodes at the socket and tasks instead
 */
record Options(
    boolean quick,
    Optional<Integer> rounds,
    List<String> only,
    Path out,
    boolean profile,
    boolean nodes) {

  static final List<String> SUBJECTS = List.of("direct", "nginx", "haproxy", "portkey", "muster");

  static final Path STANDARD_OUTPUT = Path.of("-");

  static final String USAGE =
      """
      scripts/bench: Muster beside nginx, HAProxy, Portkey and no gateway at all, on this machine
        --quick            short measurements, under 4 minutes in all
        --rounds N         how often every subject is measured (full: 5, quick: 3)
        --only LIST        of direct,nginx,haproxy,portkey,muster (direct is always measured)
        --out FILE         the report, - for standard output
                           (docs/benchmarks.md; with --quick or --only: -)
        --profile          profile hub and worker under load instead, and show what is hot
        --nodes            measure 1 000 nodes at the socket, and tasks, instead: one section of
                           the report (3 rounds, about 5 minutes)
      """;

  static Options parse(String... args) {
    boolean quick = false;
    boolean profile = false;
    boolean nodes = false;
    Optional<Integer> rounds = Optional.empty();
    List<String> only = SUBJECTS;
    Path out = null;
    Deque<String> rest = new ArrayDeque<>(List.of(args));
    while (!rest.isEmpty()) {
      String option = rest.pop();
      switch (option) {
        case "--quick" -> quick = true;
        case "--profile" -> profile = true;
        case "--nodes" -> nodes = true;
        case "--rounds" -> rounds = Optional.of(count(value(option, rest)));
        case "--only" -> only = subjects(value(option, rest));
        case "--out" -> out = Path.of(value(option, rest));
        default -> throw new IllegalArgumentException("unknown option " + option + "\n\n" + USAGE);
      }
    }
    if (out == null) {
      boolean whole = !quick && only.equals(SUBJECTS);
      out = whole ? Path.of("docs/benchmarks.md") : STANDARD_OUTPUT;
    }
    return new Options(quick, rounds, only, out, profile, nodes);
  }

  private static String value(String option, Deque<String> rest) {
    if (rest.isEmpty()) {
      throw new IllegalArgumentException(option + " wants a value\n\n" + USAGE);
    }
    return rest.pop();
  }

  private static int count(String text) {
    if (!text.matches("[1-9]\\d?")) {
      throw new IllegalArgumentException("--rounds must be a whole number from 1 to 99: " + text);
    }
    return Integer.parseInt(text);
  }

  private static List<String> subjects(String list) {
    List<String> names = List.of(list.split(",", -1));
    for (String name : names) {
      if (!SUBJECTS.contains(name)) {
        throw new IllegalArgumentException("--only: " + name + " is not one of " + SUBJECTS);
      }
    }
    return SUBJECTS.stream().filter(s -> s.equals("direct") || names.contains(s)).toList();
  }
}
