package io.muster.runtime.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/**
 * The logs of a process: the console, {@code app.log} and {@code error.log} in {@code LOG_DIR}. All
 * are written by threads of their own through bounded queues that drop rather than block, so that a
 * full disk or a stopped terminal never holds an event loop up.
 */
public final class Logs implements AutoCloseable {
  /**
   * The name under which a log line carries its request's id: in the MDC, or given with the event,
   * as in {@code log.atInfo().addKeyValue(Logs.REQUEST, id).log("…")}.
   */
  public static final String REQUEST = "request";

  private static final String OURS = "io.muster";
  private static final List<String> NOISY =
      List.of(
          "com.hazelcast",
          "io.modelcontextprotocol",
          "io.netty",
          "io.vertx",
          "oshi",
          "org.flywaydb",
          "com.zaxxer.hikari",
          "org.postgresql",
          // docker-java's HTTP client, which tells of every attempt while the engine is away.
          "com.github.dockerjava");
  private static final Duration SIZE_CHECK = Duration.buildByMilliseconds(250);

  /** They warn, with stack traces, of what is usual when another member stops or dies. */
  private static final List<String> EXCITABLE =
      List.of(
          "com.hazelcast.internal.server.tcp",
          "com.hazelcast.internal.partition",
          "com.hazelcast.spi.impl",
          "com.hazelcast.instance.impl.Node",
          "io.vertx.core.eventbus.impl.clustered");

  /** They cry error, with stack traces, at the same: the cluster's own lines tell it better. */
  private static final List<String> ALARMISTS =
      List.of(
          "io.vertx.core.net.impl.ConnectionBase",
          // Of every browser that leaves without a farewell.
          "io.vertx.ext.web.handler.sockjs.impl.EventBusBridgeImpl",
          "com.hazelcast.internal.cluster.impl.operations.FetchMembersViewOp");

  private final LoggerContext context;
  private volatile String level;

  private final RecentLogs recent;

  private Logs(LoggerContext context, RecentLogs recent) {
    this.context = context;
    this.recent = recent;
  }

  /**
   * Sets the logs up, in place of what was there.
   *
   * @throws StartRefused when {@code LOG_DIR} cannot be written
   */
  public static Logs start(Settings settings) {
    Path folder = settings.folder(Catalogue.LOG_DIR);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw unwritable(settings, folder, e);
    }
    if (!Files.isWritable(folder)) {
      throw unwritable(settings, folder, null);
    }
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    context.start();
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();

    int maxMegabytes = settings.get(Catalogue.LOG_MAX_SIZE_MB);
    int maxFiles = settings.get(Catalogue.LOG_MAX_FILES);
    RecentLogs recent =
        new RecentLogs(settings.get(AdminSettings.LOG_RECENT_EVENTS), settings.secrets());
    Logs logs = new Logs(context, recent);
    recent.setContext(context);
    recent.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(recent);
    logs.attach("console", console(context), Level.ALL);
    logs.attach("app", file(context, folder, "app", maxMegabytes, maxFiles), Level.ALL);
    logs.attach("error", file(context, folder, "error", maxMegabytes, maxFiles), Level.ERROR);
    logs.level(settings.get(Catalogue.LOG_LEVEL));
    return logs;
  }

  /**
   * Changes what is logged, at once. Levels below info are for our own code: libraries stay at
   * info, noisy ones at warn.
   *
   * @param word error, warn, info, debug or trace
   */
  public void level(String word) {
    Level wanted = Level.toLevel(word.toUpperCase(Locale.ROOT), Level.INFO);
    context.getLogger(OURS).setLevel(wanted);
    context.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(atLeast(Level.INFO, wanted));
    NOISY.forEach(name -> context.getLogger(name).setLevel(atLeast(Level.WARN, wanted)));
    EXCITABLE.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
    boolean all = wanted.levelInt <= Level.DEBUG_INT;
    ALARMISTS.forEach(name -> context.getLogger(name).setLevel(all ? Level.ERROR : Level.OFF));
    level = wanted.levelStr.toLowerCase(Locale.ROOT);
  }

  /** The last lines, in memory. */
  public RecentLogs recent() {
    return recent;
  }

  /** What is logged now. */
  public String level() {
    return level;
  }

  /** Writes what is still queued, waiting a second at most for each file, and closes the files. */
  @Override
  public void close() {
    context.stop();
  }

  private static Level atLeast(Level floor, Level wanted) {
    return wanted.isGreaterOrEqual(floor) ? wanted : floor;
  }

  private void attach(String name, Appender<ILoggingEvent> target, Level threshold) {
    QueuedAppender queued = new QueuedAppender(name, target, threshold);
    queued.setContext(context);
    queued.start();
    context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(queued);
  }

  private static Appender<ILoggingEvent> console(LoggerContext context) {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    return started(console, context, LineEncoder.ofShortLines());
  }

  private static Appender<ILoggingEvent> file(
      LoggerContext context, Path folder, String name, int maxMegabytes, int maxFiles) {
    RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
    file.setContext(context);
    file.setFile(folder.resolve(name + ".log").toString());

    FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
    rolling.setContext(context);
    rolling.setParent(file);
    rolling.setMinIndex(1);
    rolling.setMaxIndex(maxFiles);
    rolling.setFileNamePattern(folder.resolve(name + ".%i.log").toString());
    rolling.start();

    SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
    trigger.setContext(context);
    trigger.setMaxFileSize(new FileSize(maxMegabytes * FileSize.MB_COEFFICIENT));
    trigger.setCheckIncrement(SIZE_CHECK);
    trigger.start();

    file.setRollingPolicy(rolling);
    file.setTriggeringPolicy(trigger);
    return started(file, context, LineEncoder.ofLongLines());
  }

  private static Appender<ILoggingEvent> started(
      OutputStreamAppender<ILoggingEvent> appender, LoggerContext context, LineEncoder encoder) {
    appender.setContext(context);
    encoder.setContext(context);
    encoder.start();
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }

  private static StartRefused unwritable(Settings settings, Path folder, IOException cause) {
    String where = settings.source(Catalogue.LOG_DIR).label();
    return new StartRefused(
        "LOG_DIR=" + folder + " (" + where + "): must be a folder that can be written", cause);
  }
}
