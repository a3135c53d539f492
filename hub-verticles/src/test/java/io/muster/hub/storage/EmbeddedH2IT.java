package io.muster.hub.storage;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The embedded database: its file, its lock, its size, and transactions on it. */
class EmbeddedH2IT {
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase home = TestDatabase.h2();

  @AfterEach
  void close() {
    await(vertx.close());
    home.close();
  }

  @Test
  void itIsThereAgainAfterARestart() {
    Database first = home.open(vertx);
    await(first.transact(c -> execute(c, "CREATE TABLE t (n INTEGER)")));
    await(first.transact(c -> execute(c, "INSERT INTO t VALUES (42)")));
    await(first.close());

    Database second = home.open(vertx);
    assertThat(query(second, "SELECT n FROM t")).isEqualTo("42");
    assertThat(second.exclusive()).isTrue();
    assertThat(second.describe()).contains("hub.mv.db");
    await(second.ping());
    await(second.close());
  }

  @Test
  void aSecondHubOnTheSameFileIsToldWhy() {
    Database first = home.open(vertx);
    try (ChildProcess second = ChildProcess.start(CommitUntilKilled.class, home.folder(), "")) {
      assertThat(second.readLine())
          .startsWith("unavailable: DATA_DIR: another hub has the database")
          .contains("hub.mv.db");
    }
    await(first.close());
  }

  @Test
  void aFileThatIsNoDatabaseIsNamed() throws Exception {
    Files.writeString(home.folder().resolve("hub.mv.db"), "no database at all ".repeat(1_000));
    assertThatThrownBy(() -> home.open(vertx))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining("hub.mv.db")
        .hasMessageStartingWith("DATA_DIR:");
  }

  @Test
  void aFolderThatIsMadeIsForItsOwnerAlone() throws Exception {
    Path inner = home.folder().resolve("a/b");
    Database database =
        await(Database.open(vertx, new DatabaseOptions(inner, " ", 2, 5_000, 5_000)));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(inner)))
        .isEqualTo("rwx------");
    await(database.close());
    assertThatThrownBy(
            () ->
                await(
                    Database.open(
                        vertx, DatabaseOptions.of(home.folder().resolve("a/b/hub.mv.db/c"), null))))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageStartingWith("DATA_DIR: cannot make the folder");
  }

  @Test
  void aFailedTransactionLeavesNothing() {
    Database database = home.open(vertx);
    await(database.transact(c -> execute(c, "CREATE TABLE t (n INTEGER)")));
    Future<Void> failing =
        database.transact(
            c -> {
              execute(c, "INSERT INTO t VALUES (1)");
              throw new FaultException(Failure.CONFLICT, "no");
            });
    assertThatThrownBy(() -> await(failing)).hasMessage("no");
    Future<Void> wrong = database.transact(c -> execute(c, "INSERT INTO nowhere VALUES (1)"));
    assertThatThrownBy(() -> await(wrong))
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().failure()).isEqualTo(Failure.INTERNAL))
        .hasMessageNotContaining("nowhere");
    assertThat(query(database, "SELECT count(*) FROM t")).isEqualTo("0");
    await(database.close());
    Future<Void> late = database.transact(c -> execute(c, "INSERT INTO t VALUES (1)"));
    assertThatThrownBy(() -> await(late)).hasMessage("the database is closed");
  }

  @Test
  void aDatabaseThatClosedItselfIsOpenedAgain() {
    Database database = home.open(vertx);
    await(database.transact(c -> execute(c, "CREATE TABLE t (n INTEGER)")));
    await(database.transact(c -> execute(c, "INSERT INTO t VALUES (1)")));
    // What H2 does when the disk is full; the transaction that meets it is tried again.
    AtomicInteger tries = new AtomicInteger();
    await(
        database.transact(
            c ->
                execute(
                    c,
                    tries.incrementAndGet() == 1
                        ? "SHUTDOWN IMMEDIATELY"
                        : "INSERT INTO t VALUES (3)")));
    assertThat(tries).hasValueGreaterThan(1);

    await(database.transact(c -> execute(c, "INSERT INTO t VALUES (2)")));
    assertThat(query(database, "SELECT count(*) FROM t")).isEqualTo("3");
    await(database.close());
  }

  @Test
  void writersOfOneRowWaitForEachOther() {
    Database database = home.open(vertx);
    await(database.transact(c -> execute(c, "CREATE TABLE t (n INTEGER)")));
    await(database.transact(c -> execute(c, "INSERT INTO t VALUES (0)")));
    await(
        Future.all(
            IntStream.range(0, 200)
                .mapToObj(i -> database.transact(c -> execute(c, "UPDATE t SET n = n + 1")))
                .toList()));
    assertThat(query(database, "SELECT n FROM t")).isEqualTo("200");
    await(database.close());
  }

  @Test
  void theFileStopsGrowingUnderChange() throws Exception {
    EmbeddedH2 engine = new EmbeddedH2(home.options());
    Migrations.apply(engine.connections());
    Path file = home.folder().resolve("hub.mv.db");
    List<Long> sizes = new ArrayList<>();
    try (Connection connection = engine.connections().getConnection()) {
      for (int i = 0; i < 200; i++) {
        execute(
            connection,
            "INSERT INTO chat_session (id, fence, last_turn, created_at, updated_at)"
                + " VALUES ('s%d', 1, 0, 0, 0)".formatted(i));
      }
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .pollInterval(200, TimeUnit.MILLISECONDS)
          .until(
              () -> {
                change(connection, sizes.size());
                engine.sync();
                engine.maintain();
                sizes.add(Files.size(file));
                int rounds = sizes.size();
                return rounds > 5 && sizes.get(rounds - 1) <= sizes.get(rounds - 6);
              });
    }
    engine.close();
    assertThat(Files.size(file)).isLessThan(sizes.get(sizes.size() - 1));
  }

  private static void change(Connection connection, int round) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            "UPDATE chat_session SET lease_owner = ?, updated_at = ? WHERE id = ?")) {
      for (int i = 0; i < 100; i++) {
        statement.setString(1, "owner " + round);
        statement.setLong(2, round);
        statement.setString(3, "s" + (i * 7 + round) % 200);
        statement.executeUpdate();
      }
    }
  }

  private static Void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return null;
    }
  }

  private static String query(Database database, String sql) {
    return await(
        database.transactLightly(
            connection -> {
              try (Statement statement = connection.createStatement();
                  ResultSet rows = statement.executeQuery(sql)) {
                rows.next();
                return rows.getString(1);
              }
            }));
  }
}
