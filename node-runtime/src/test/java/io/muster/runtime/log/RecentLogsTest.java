package io.muster.runtime.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RecentLogsTest {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final RecentLogs logs = new RecentLogs(3, Set.of("hunter2hunter2", "x"));

  private void log(Level level, String message) {
    logs.append(new LoggingEvent("", context.getLogger("test"), level, message, null, null));
  }

  @Test
  void keepsTheNewestOfALevel() {
    log(Level.WARN, "one");
    log(Level.INFO, "two");
    log(Level.ERROR, "three");
    log(Level.DEBUG, "four");

    assertThat(logs.last("debug", 10))
        .extracting(RecentLogs.Line::message)
        .containsExactly("two", "three", "four");
    assertThat(logs.last("info", 1)).extracting(RecentLogs.Line::message).containsExactly("three");
    assertThat(logs.last("warn", 10))
        .extracting(RecentLogs.Line::levelWord)
        .containsExactly("error");
  }

  @Test
  void showsNoSecret() {
    log(Level.INFO, "key hunter2hunter2 at http://me:pass@there, box");

    assertThat(logs.last("info", 1).get(0).message())
        .isEqualTo("key *** at http://me:***@there, box");
  }

  @Test
  void mayKeepNothing() {
    RecentLogs none = new RecentLogs(0, Set.of());
    none.append(new LoggingEvent("", context.getLogger("test"), Level.INFO, "one", null, null));

    assertThat(none.last("info", 10)).isEmpty();
  }
}
