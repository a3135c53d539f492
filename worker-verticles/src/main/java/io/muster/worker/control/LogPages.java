package io.muster.worker.control;

import io.muster.node.NodeAnswer.LogLine;
import io.muster.node.NodeAnswer.LogPage;
import io.muster.runtime.log.RecentLogs;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Cuts the log to what fits into one message, the newest lines first. */
public final class LogPages {
  private static final int MOST_CHARACTERS = 512 * 1024;

  private LogPages() {}

  /**
   * The last lines.
   *
   * @param level the least that is wanted
   */
  public static LogPage of(RecentLogs logs, String level, int limit) {
    return fitting(logs.last(level, limit), MOST_CHARACTERS);
  }

  static LogPage fitting(List<RecentLogs.Line> lines, int mostCharacters) {
    List<LogLine> taken = new ArrayList<>();
    int characters = 0;
    for (int i = lines.size() - 1; i >= 0; i--) {
      RecentLogs.Line line = lines.get(i);
      characters += line.message().length() + (line.error() == null ? 0 : line.error().length());
      if (characters > mostCharacters) {
        break;
      }
      taken.add(
          new LogLine(
              line.at(),
              line.levelWord(),
              line.logger(),
              line.thread(),
              line.request(),
              line.message(),
              line.error()));
    }
    Collections.reverse(taken);
    return new LogPage(taken, lines.size() - taken.size());
  }
}
