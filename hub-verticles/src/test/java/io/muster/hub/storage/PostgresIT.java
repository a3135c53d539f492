package io.muster.hub.storage;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** PostgreSQL's own troubles: several hubs, restarts, wrong addresses, statements that hang. */
class PostgresIT {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    await(vertx.close());
  }

  @Test
  void hubsThatStartTogetherMigrateOnce() throws SQLException {
    try (TestDatabase home = TestDatabase.postgres()) {
      var opening = Stream.generate(() -> Database.open(vertx, home.options())).limit(4).toList();
      await(Future.all(opening));

      Database first = opening.get(0).result();
      assertThat(query(first, "SELECT count(*) FROM flyway_schema_history"))
          .isEqualTo(String.valueOf(Migrations.SCRIPTS.size()));
      for (Future<Database> each : opening) {
        await(each.result().close());
      }
    }
  }

  @Test
  void aRestartIsWaitedOut() throws Exception {
    try (PrivatePostgres server = PrivatePostgres.start()) {
      Database database = await(Database.open(vertx, options(server.url(), 20_000)));
      await(database.transact(c -> execute(c, "CREATE TABLE t (n INTEGER PRIMARY KEY)")));
      await(database.ping());

      server.stop();
      Future<Void> during = database.transact(c -> execute(c, "INSERT INTO t VALUES (1)"));
      assertUnreachable(database.ping());
      assertThat(during.isComplete()).isFalse();
      server.begin();
      await(during);
      Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> answers(database));

      server.crash();
      server.begin();
      await(database.transact(c -> execute(c, "INSERT INTO t VALUES (2)")));
      assertThat(query(database, "SELECT count(*) FROM t")).isEqualTo("2");
      await(database.close());
    }
  }

  @Test
  void anOutageLongerThanTheTimeOutIsAFault() {
    try (PrivatePostgres server = PrivatePostgres.start()) {
      Database database = await(Database.open(vertx, options(server.url(), 1_500)));
      server.stop();

      assertUnreachable(database.transact(c -> execute(c, "SELECT 1")));
      await(database.close());
    }
  }

  @Test
  void aServerThatIsNotUpYetIsWaitedFor() {
    try (PrivatePostgres server = PrivatePostgres.start()) {
      server.stop();
      Future<Database> opening = Database.open(vertx, options(server.url(), 10_000));
      server.begin();
      await(await(opening).close());
    }
  }

  @Test
  void wrongAddressesAreExplainedWithoutThePassword() throws Exception {
    try (PrivatePostgres server = PrivatePostgres.start()) {
      String base = server.url().replace("muster@", "muster:hunter2@");
      assertRefused(base.replace("/postgres", "/nowhere"), "no such database");
      assertRefused(base.replace("muster:", "stranger:"), "refuses user and password");
    }
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertRefused(
        "postgres://muster:hunter2@127.0.0.1:" + free + "/muster", "cannot be reached for 1 s");
  }

  private void assertRefused(String url, String why) {
    assertThatThrownBy(
            () -> await(Database.open(vertx, new DatabaseOptions(null, url, 2, 1_000, 1_000))))
        .isInstanceOf(DatabaseUnavailable.class)
        .hasMessageContaining(why)
        .satisfies(
            e -> {
              for (Throwable t = e; t != null; t = t.getCause()) {
                assertThat(t.toString()).doesNotContain("hunter2");
              }
            });
  }

  @Test
  void aStatementThatHangsIsCutOff() {
    try (TestDatabase home = TestDatabase.postgres()) {
      DatabaseOptions options = new DatabaseOptions(null, home.options().url(), 2, 700, 5_000);
      Database database = await(Database.open(vertx, options));
      for (int i = 0; i < 3; i++) {
        // The time-out must outlast the rollback that the first one causes.
        assertThatThrownBy(() -> await(database.transact(c -> execute(c, "SELECT pg_sleep(20)"))))
            .isInstanceOf(FaultException.class)
            .hasMessage("the database is too slow now");
      }
      await(database.close());
    }
  }

  @Test
  void cutConnectionsAreReplaced() {
    try (TestDatabase home = TestDatabase.postgres()) {
      Database database = home.open(vertx);
      for (int i = 0; i < 3; i++) {
        assertThat(query(database, "SELECT 7")).isEqualTo("7");
        home.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE application_name = 'muster-hub'"
                + " AND query NOT LIKE '%pg_terminate_backend%'");
      }
      assertThat(query(database, "SELECT 8")).isEqualTo("8");
      await(database.close());
    }
  }

  private DatabaseOptions options(String url, int timeoutMs) {
    return new DatabaseOptions(null, url, 2, timeoutMs, 20_000);
  }

  private static boolean answers(Database database) {
    try {
      await(database.ping());
      return true;
    } catch (FaultException e) {
      return false;
    }
  }

  private static void assertUnreachable(Future<?> future) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().failure()).isEqualTo(Failure.UNREACHABLE));
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
