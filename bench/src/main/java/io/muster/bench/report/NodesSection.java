package io.muster.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.stream.Collectors;

/** The section of the report on nodes and tasks, which is measured by a run of its own. */
public final class NodesSection {
  private static final String TITLE = "## Nodes and tasks\n";

  private final StringBuilder text = new StringBuilder();

  private NodesSection() {}

  /**
   * Writes the section.
   *
   * @param revision the commit measured
   * @param load the machine's load averages before anything was started
   * @param others the part of all CPU time that other programs used while measuring
   */
  public static String markdown(
      NodeMeasurements all, String revision, int rounds, String load, double others) {
    NodesSection section = new NodesSection();
    section.head(revision, rounds, load, others);
    section.figures(all);
    section.dispatch(all);
    section.definitions();
    return section.text.toString();
  }

  /** The section of a page, empty where it has none. */
  public static String of(Path page) throws IOException {
    String text = Files.readString(page);
    int start = start(text);
    return start < 0 ? "" : text.substring(start, end(text, start));
  }

  /**
   * The page with this section in place of its own, or at its end; an empty one changes nothing.
   */
  public static String into(String page, String section) {
    if (section.isEmpty()) {
      return page;
    }
    int start = start(page);
    return start < 0
        ? page.stripTrailing() + "\n\n" + section.stripTrailing() + "\n"
        : page.substring(0, start)
            + (section.stripTrailing() + "\n\n" + page.substring(end(page, start))).stripTrailing()
            + "\n";
  }

  private static int start(String page) {
    return ("\n" + page).indexOf("\n" + TITLE);
  }

  private static int end(String page, int start) {
    int next = page.indexOf("\n## ", start + 1);
    return next < 0 ? page.length() : next + 1;
  }

  private void head(String revision, int rounds, String load, double others) {
    text.append(TITLE);
    line("");
    line(
        "Written by `scripts/bench --nodes`: Muster "
            + revision
            + " as it ships, hub, worker and 1 000 simulated nodes (plain JSON frames, in one process)"
            + " on one machine, over loopback.");
    line("");
    Map<String, String> machine = Machine.describe();
    line("- Machine: " + String.join("; ", machine.values()));
    line("- Date: " + LocalDate.now(ZoneOffset.UTC));
    line(
        "- Load average before: "
            + load
            + "; other programs (and the hypervisor) used "
            + Math.round(100 * Math.max(0, others))
            + " % of the CPU time meanwhile");
    line(
        "- Rounds: "
            + rounds
            + ", each of nodes and dispatch with a new hub; every figure: median (least–most) of them");
    line("");
  }

  private void figures(NodeMeasurements all) {
    line("| | |");
    line("|---|--:|");
    for (NodeFigure figure : NodeFigure.values()) {
      line("| " + figure.title() + " | " + all.spread(figure) + " |");
    }
    line("| heartbeats acknowledged | " + all.heartbeats() + " |");
    line("| accepted tasks that ended as completed | " + all.tasks() + " |");
    String errors =
        all.errors().entrySet().stream()
            .map(error -> error.getValue() + " × " + error.getKey())
            .collect(Collectors.joining(", "));
    line("| errors | " + (errors.isEmpty() ? "0" : errors) + " |");
    line("");
  }

  private void dispatch(NodeMeasurements all) {
    line("Dispatch of a task (µs):");
    line("");
    line("| nodes | tasks at once | accepted → node, p50 | p99 | asked → node, p50 | p99 |");
    line("|--:|--:|--:|--:|--:|--:|");
    all.dispatches()
        .forEach(
            (dispatch, times) ->
                line(
                    "| "
                        + Spread.number(dispatch.nodes()).replaceAll("\\.\\d+$", "")
                        + " | "
                        + dispatch.atOnce()
                        + " | "
                        + Spread.of(times.acceptedP50())
                        + " | "
                        + Spread.of(times.acceptedP99())
                        + " | "
                        + Spread.of(times.askedP50())
                        + " | "
                        + Spread.of(times.askedP99())
                        + " |"));
    line("");
  }

  private void definitions() {
    for (NodeFigure figure : NodeFigure.values()) {
      if (figure.definition() != null) {
        line("- **" + figure.title() + "**: " + figure.definition());
      }
    }
    line(
        "- **accepted → node**: From the arrival of the 201 to the arrival of `task_assign` at a"
            + " socket node (0 where that came first); the node answers `task_result` at once, and"
            + " takes 4 tasks at a time. **asked → node**: from the sending of the request, with the"
            + " commit of the new task in it. 1 000 tasks a round each; the hub has been warmed up.");
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
