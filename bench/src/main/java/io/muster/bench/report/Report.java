package io.muster.bench.report;

import io.muster.bench.subject.Running;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Puts the measurements into a Markdown page. */
public final class Report {
  private final Measurements all;
  private final List<Running> subjects;
  private final Map<String, String> missing;
  private final int rounds;
  private final String load;
  private final double others;
  private final StringBuilder page = new StringBuilder();

  /**
   * Takes what the page shows.
   *
   * @param missing subjects that could not be measured, and why
   * @param load the machine's load averages before anything was started
   * @param others the part of all CPU time that other programs used while measuring
   */
  public Report(
      Measurements all,
      List<Running> subjects,
      Map<String, String> missing,
      int rounds,
      String load,
      double others) {
    this.all = all;
    this.subjects = subjects;
    this.missing = missing;
    this.rounds = rounds;
    this.load = load;
    this.others = others;
  }

  /** The whole page. */
  public String markdown(boolean quick) {
    line("# Benchmarks");
    line("");
    line(
        "Written by `scripts/bench`; run it to repeat everything on your machine. All programs run on"
            + " one machine and talk over loopback, so they share its cores: compare columns with"
            + " each other, not with figures from elsewhere.");
    if (quick) {
      line("");
      line("**A quick run**: short measurements, for a first impression only.");
    }
    line("");
    machine();
    owed();
    figures();
    processes();
    answers();
    definitions();
    return page.toString();
  }

  private void machine() {
    Machine.describe().forEach((name, value) -> line("- " + name + ": " + value));
    line("- Date: " + OffsetDateTime.now(ZoneOffset.UTC).toLocalDate());
    line(
        "- Load average before: "
            + load
            + "; other programs (and the hypervisor) used "
            + Math.round(100 * Math.max(0, others))
            + " % of the CPU time meanwhile");
    line("- Rounds: " + rounds + ", subjects in turn; every figure: median (least–most) of them");
    line("");
    line("| subject | version |");
    line("|---|---|");
    subjects.forEach(subject -> line("| " + subject.name() + " | " + subject.version() + " |"));
    missing.forEach((name, why) -> line("| " + name + " | not measured: " + why + " |"));
    line("");
  }

  private void owed() {
    line("## What Muster owes");
    line("");
    line("| owed | found | |");
    line("|---|--:|---|");
    for (Owed owed : Owed.of(all)) {
      line("| " + owed.what() + " | " + owed.seen() + " | " + owed.verdict() + " |");
    }
    line("");
  }

  private void figures() {
    line("## Figures");
    line("");
    line("| | " + joined(subjects.stream().map(Running::name).toList()) + " |");
    line("|---|" + "--:|".repeat(subjects.size()));
    for (Figure figure : Figure.values()) {
      row(figure.title(), name -> all.spread(name, figure).toString());
    }
    row(
        "paced streams that arrived clean",
        name -> all.pacedClean(name) + " of " + all.pacedAsked(name));
    row("most of them open at one time", name -> Integer.toString(all.pacedPeak(name)));
    line("");
  }

  private void processes() {
    line("## Processes");
    line("");
    line("| process | CPU a request (µs) | resident memory (MiB) |");
    line("|---|--:|--:|");
    for (Running subject : subjects) {
      Map<String, Spread> resident = all.residentOfParts(subject.name());
      all.cpuOfParts(subject.name())
          .forEach(
              (part, cpu) -> line("| " + part + " | " + cpu + " | " + resident.get(part) + " |"));
    }
    line("");
  }

  private void answers() {
    line("## Answers");
    line("");
    line("| subject | clean | errors |");
    line("|---|--:|---|");
    for (Running subject : subjects) {
      String name = subject.name();
      String errors =
          all.errors(name).entrySet().stream()
              .map(error -> error.getValue() + " × " + error.getKey())
              .collect(Collectors.joining(", "));
      if (all.firstError(name) != null) {
        errors += "; the first: `" + all.firstError(name).replaceAll("[`|\\s]+", " ") + "`";
      }
      line(
          "| " + name + " | " + all.clean(name) + " | " + (errors.isEmpty() ? "0" : errors) + " |");
    }
    line("");
  }

  private void definitions() {
    line("## What the figures mean");
    line("");
    line(
        "The load program asks `POST /v1/chat/completions` over HTTP/1.1 keep-alive connections from"
            + " one thread and checks every answer: status 200, every delta there and in order,"
            + " `[DONE]` last. What does not pass is an error and in no other figure. The upstream is"
            + " the same process for all subjects. Before the rounds every subject is warmed up, and"
            + " examined closely once (each delta, one finish reason, the usage chunk that"
            + " `stream_options.include_usage` asks for).");
    line("");
    for (Figure figure : Figure.values()) {
      if (figure.definition() != null) {
        line("- **" + figure.title() + "**: " + figure.definition());
      }
    }
    line("");
    line(
        "nginx and HAProxy do less than a gateway for language models: no routing by model, no"
            + " accounts of tokens, no second try. They show what the hop itself costs.");
  }

  private void row(String title, Function<String, String> cell) {
    line(
        "| "
            + title
            + " | "
            + joined(subjects.stream().map(subject -> cell.apply(subject.name())).toList())
            + " |");
  }

  private static String joined(List<String> cells) {
    return String.join(" | ", cells);
  }

  private void line(String text) {
    page.append(text).append('\n');
  }
}
