package io.muster.runtime.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.LoggerContext;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

class LogsTest {
  private static final Logger log = LoggerFactory.getLogger(LogsTest.class);

  @TempDir Path folder;

  private final Map<String, String> env = new HashMap<>();

  @AfterEach
  void restore() {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.stop();
    context.reset();
    new EarlyLogs().configure(context);
  }

  @Test
  void writesBothFilesAndRequestIds() {
    try (Logs logs = start()) {
      assertThat(logs.level()).isEqualTo("info");
      log.info("plain");
      log.debug("too fine");
      log.atInfo().addKeyValue(Logs.REQUEST, "req-1").log("explicit {}", 42);
      MDC.put(Logs.REQUEST, "req-2");
      log.error("broken", new IllegalStateException("why"));
      MDC.remove(Logs.REQUEST);
    }

    assertThat(text("app.log"))
        .containsPattern(
            "(?m)^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) INFO  io\\.muster\\.runtime\\.log\\.LogsTest \\[")
        .contains("] plain\n")
        .contains("INFO  [req-1] ")
        .contains("explicit 42\n")
        .contains("ERROR [req-2] ")
        .contains("IllegalStateException: why")
        .doesNotContain("too fine");
    assertThat(text("error.log")).contains("broken", "why").doesNotContain("plain");
  }

  @Test
  void keepsALineOnOneLine() {
    try (Logs logs = start()) {
      log.info("user said {}", "hi\n2026-01-01 ERROR forged\u001b[31m");
    }

    assertThat(text("app.log")).contains("user said hi\\n2026-01-01 ERROR forged?[31m\n");
  }

  @Test
  void changesTheLevelWhileRunning() {
    Logger library = LoggerFactory.getLogger("com.hazelcast.x");
    String engines =
        "com.github.dockerjava.zerodep.shaded.org.apache.hc.client5.http.impl.classic.HttpRequestRetryExec";
    try (Logs logs = start()) {
      library.info("library chatter");
      LoggerFactory.getLogger(engines).info("chatter while the engine is away");
      logs.level("debug");
      log.debug("now seen");
      library.info("more chatter");
      LoggerFactory.getLogger("org.other").debug("not ours");
      logs.level("error");
      log.warn("no longer");
      library.warn("nor this");
    }

    assertThat(text("app.log"))
        .contains("now seen")
        .doesNotContain("chatter", "not ours", "no longer", "nor this");
  }

  @Test
  void hearsJavaUtilLogging() {
    try (Logs logs = start()) {
      java.util.logging.Logger.getLogger("some.jdk.part").warning("from java.util.logging");
    }

    assertThat(text("app.log")).contains("from java.util.logging");
  }

  @Test
  void rotatesBySizeAndKeepsSoMany() {
    env.put("LOG_MAX_SIZE_MB", "1");
    env.put("LOG_MAX_FILES", "2");
    String big = "x".repeat(100_000);
    PrintStream console = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    try (Logs logs = start()) {
      for (int rotation = 1; rotation <= 3; rotation++) {
        for (int i = 0; i < 11; i++) {
          log.info(big);
        }
        int rotated = Math.min(rotation, 2);
        // The size is looked at a few times a second: a later line makes the turn.
        // In the midst of it the file is away for a moment.
        await()
            .ignoreExceptionsInstanceOf(NoSuchFileException.class)
            .until(
                () -> {
                  log.info("turn");
                  return Files.exists(folder.resolve("app." + rotated + ".log"))
                      && Files.size(folder.resolve("app.log")) < 1_000_000;
                });
      }
    } finally {
      System.setOut(console);
    }

    assertThat(folder.resolve("app.1.log")).exists();
    assertThat(folder.resolve("app.2.log")).exists();
    assertThat(folder.resolve("app.3.log")).doesNotExist();
  }

  @Test
  void refusesAFolderThatCannotBe() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    env.put("LOG_DIR", file.resolve("logs").toString());

    assertThatThrownBy(this::start)
        .isInstanceOf(StartRefused.class)
        .hasMessage(
            "LOG_DIR="
                + file.resolve("logs")
                + " (environment): must be a folder that can be"
                + " written");
  }

  private Logs start() {
    env.putIfAbsent("LOG_DIR", folder.toString());
    return Logs.start(Settings.load(Role.HUB, env, folder));
  }

  private String text(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
