package io.muster.runtime.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.muster.runtime.settings.Masking;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The last lines of the log, in memory, for administrators far away. Nothing that a setting keeps
 * secret leaves it.
 */
public final class RecentLogs extends AppenderBase<ILoggingEvent> {
  private static final int LONGEST_MESSAGE = 4_000;
  private static final int LONGEST_ERROR = 8_000;

  /** Below this, a secret is so short that its letters stand in other words too. */
  private static final int SHORTEST_SECRET = 6;

  private final Line[] ring;
  private final Set<String> secrets;
  private long count;

  /**
   * One event.
   *
   * @param at milliseconds since 1970
   * @param request null for none
   * @param error the stack trace, null for none
   */
  public record Line(
      long at,
      Level level,
      String logger,
      String thread,
      String request,
      String message,
      String error) {
    /** {@code warn}. */
    public String levelWord() {
      return level.levelStr.toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param size how many are kept
   * @param secrets texts that are never shown
   */
  RecentLogs(int size, Set<String> secrets) {
    this.ring = new Line[size];
    this.secrets = Set.copyOf(secrets);
    setName("recent");
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (ring.length == 0) {
      return;
    }
    Object request = LineEncoder.request(event);
    Line line =
        new Line(
            event.getTimeStamp(),
            event.getLevel(),
            event.getLoggerName(),
            event.getThreadName(),
            request == null ? null : cut(request.toString(), LONGEST_MESSAGE),
            cut(event.getFormattedMessage(), LONGEST_MESSAGE),
            event.getThrowableProxy() == null
                ? null
                : cut(ThrowableProxyUtil.asString(event.getThrowableProxy()), LONGEST_ERROR));
    synchronized (ring) {
      ring[(int) (count++ % ring.length)] = line;
    }
  }

  /**
   * The newest lines, the oldest of them first.
   *
   * @param level the least: error, warn, info, debug or trace
   * @param limit how many at most
   */
  public List<Line> last(String level, int limit) {
    int least = Level.toLevel(level.toUpperCase(Locale.ROOT), Level.INFO).levelInt;
    List<Line> found = new ArrayList<>();
    synchronized (ring) {
      long oldest = Math.max(0, count - ring.length);
      for (long i = count - 1; i >= oldest && found.size() < limit; i--) {
        Line line = ring[(int) (i % ring.length)];
        if (line.level().levelInt >= least) {
          found.add(0, line);
        }
      }
    }
    return found.stream().map(this::masked).toList();
  }

  private Line masked(Line line) {
    return new Line(
        line.at(),
        line.level(),
        line.logger(),
        line.thread(),
        line.request(),
        masked(line.message()),
        masked(line.error()));
  }

  private String masked(String text) {
    if (text == null) {
      return null;
    }
    String masked = Masking.urls(text);
    for (String secret : secrets) {
      if (secret.length() >= SHORTEST_SECRET) {
        masked = masked.replace(secret, Masking.MASK);
      }
    }
    return masked;
  }

  private static String cut(String text, int length) {
    return text == null || text.length() <= length ? text : text.substring(0, length) + "…";
  }
}
