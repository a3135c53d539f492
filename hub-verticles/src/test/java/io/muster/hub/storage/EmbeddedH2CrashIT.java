package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a client was told is committed is in the file whenever the process dies: after every single
 * write that H2 makes, and in the middle of it. A test that kills a process meets a bad moment once
 * in many runs; this one visits them all.
 */
class EmbeddedH2CrashIT {
  private static final int WRITERS = 4;
  private static final int COMMITS = 400;

  /** Short, so that H2 soon writes over what is superseded: that is where it can go wrong. */
  private static final int RETENTION_MS = 50;

  /** Checking costs milliseconds, so not every moment of the run is visited, but most of a part. */
  private static final int CHECKS = 600;

  @TempDir private Path folder;
  private final AtomicLong numbers = new AtomicLong();

  @Test
  void whatWasAcknowledgedIsThereWheneverTheProcessDies() throws Exception {
    commitALot();
    List<WrittenFile.Step> steps = WrittenFile.steps();
    Path image = folder.resolve("image.mv.db");
    int from = Math.max(0, steps.size() - CHECKS);
    List<Long> acknowledged = new ArrayList<>();
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      for (int i = 0; i < steps.size(); i++) {
        WrittenFile.Step step = steps.get(i);
        if (step.isAcknowledgement()) {
          acknowledged.add(step.acknowledged());
          continue;
        }
        if (i >= from && step.bytes() != null && step.bytes().length > 4096) {
          step.repeat(file, 4096 * (1 + i % (step.bytes().length / 4096)));
          check(image, acknowledged, "in the middle of step " + i);
        }
        step.repeat(file, Integer.MAX_VALUE);
        if (i >= from) {
          check(image, acknowledged, "after step " + i);
        }
      }
    }
    assertThat(acknowledged).hasSize(WRITERS * COMMITS);
  }

  private void commitALot() throws Exception {
    WrittenFile.begin();
    EmbeddedH2 engine =
        new EmbeddedH2(DatabaseOptions.of(folder, null), WrittenFile.SCHEME, RETENTION_MS);
    try (Connection connection = engine.connections().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE latest (writer INTEGER PRIMARY KEY, filler VARCHAR)");
      statement.execute("CREATE TABLE t (n BIGINT PRIMARY KEY, filler VARCHAR)");
    }
    ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
    List<Future<?>> writers = new ArrayList<>();
    for (int writer = 0; writer < WRITERS; writer++) {
      int which = writer;
      writers.add(
          threads.submit(
              () -> {
                write(engine, which);
                return null;
              }));
    }
    for (Future<?> writer : writers) {
      writer.get(60, TimeUnit.SECONDS);
    }
    threads.shutdown();
    // No shutdown in order: the last step is a death as well.
    engine.discard();
  }

  private void write(EmbeddedH2 engine, int writer) throws SQLException {
    try (Connection connection = engine.connections().getConnection()) {
      connection.setAutoCommit(false);
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, ?)");
          PreparedStatement update =
              connection.prepareStatement("MERGE INTO latest KEY (writer) VALUES (?, ?)")) {
        for (int i = 1; i <= COMMITS; i++) {
          long number = numbers.incrementAndGet();
          update.setInt(1, writer);
          update.setString(2, "y".repeat((int) (number % 200)));
          update.execute();
          insert.setLong(1, number);
          insert.setString(2, "x".repeat((int) (number * 7919 % 3_000)));
          insert.execute();
          connection.commit();
          WrittenFile.acknowledged(number);
          engine.sync();
          if (i % 50 == 0) {
            engine.maintain();
          }
        }
      }
    }
  }

  private void check(Path image, List<Long> acknowledged, String when) throws Exception {
    Path crashed = folder.resolve("crashed.mv.db");
    Files.copy(image, crashed, StandardCopyOption.REPLACE_EXISTING);
    String url =
        "jdbc:h2:file:"
            + folder.resolve("crashed")
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;ACCESS_MODE_DATA=r;IFEXISTS=TRUE"
            + ";FILE_LOCK=NO;TRACE_LEVEL_FILE=0";
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      Set<Long> lost = new TreeSet<>(acknowledged);
      try (ResultSet rows = statement.executeQuery("SELECT n FROM t")) {
        while (rows.next()) {
          lost.remove(rows.getLong(1));
        }
      }
      // The file says that it stays open without connections, as the hub wants it.
      statement.execute("SHUTDOWN IMMEDIATELY");
      assertThat(lost).as("acknowledged and lost when the process dies %s", when).isEmpty();
    } catch (SQLException e) {
      throw new AssertionError("the file cannot be opened when the process dies " + when, e);
    }
  }
}
