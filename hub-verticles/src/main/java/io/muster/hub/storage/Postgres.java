package io.muster.hub.storage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** PostgreSQL, which several hubs share; its own write-ahead log makes commits durable. */
final class Postgres implements Engine {
  private final PostgresUrl url;
  private final HikariDataSource pool;

  Postgres(DatabaseOptions options) {
    this.url = PostgresUrl.parse(options.url());
    PGSimpleDataSource source = new PGSimpleDataSource();
    // First, so that the URL's own parameters win.
    source.setApplicationName("muster-hub");
    source.setConnectTimeout(seconds(Math.min(options.timeoutMs(), 5_000)));
    // A server that neither answers nor breaks the connection must not hold a thread for ever; the
    // server's own time-out, set below, comes first.
    source.setSocketTimeout(seconds(options.timeoutMs()) + 2);
    source.setTcpKeepAlive(true);
    try {
      source.setUrl(url.jdbcUrl());
    } catch (IllegalArgumentException e) {
      throw new DatabaseUnavailable("DATABASE_URL: the PostgreSQL driver cannot read it");
    }
    source.setUser(url.user());
    source.setPassword(url.password());

    HikariConfig config = new HikariConfig();
    config.setPoolName("muster-db");
    config.setDataSource(source);
    config.setMaximumPoolSize(options.poolSize());
    config.setMinimumIdle(1);
    config.setAutoCommit(false);
    config.setConnectionTimeout(Math.max(250, Math.min(options.timeoutMs(), 3_000)));
    config.setValidationTimeout(1_000);
    config.setInitializationFailTimeout(-1);
    // Else the first rollback on a connection would undo what the next line sets.
    config.setIsolateInternalQueries(true);
    config.setConnectionInitSql(
        "SET statement_timeout = %1$d; SET idle_in_transaction_session_timeout = %2$d"
            .formatted(options.timeoutMs(), options.timeoutMs() + 5_000L));
    this.pool = new HikariDataSource(config);
  }

  private static int seconds(int ms) {
    return (ms + 999) / 1000;
  }

  @Override
  public String describe() {
    return "PostgreSQL at " + url.address();
  }

  @Override
  public DataSource connections() {
    return pool;
  }

  @Override
  public boolean exclusive() {
    return false;
  }

  @Override
  public void sync() {
    // A commit has been synced when PostgreSQL acknowledges it.
  }

  @Override
  public void maintain() {
    // Autovacuum does it.
  }

  @Override
  public DatabaseUnavailable explain(SQLException cause) {
    String state = SqlFailure.state(cause);
    String where = describe();
    if (state.startsWith("28")) {
      return new DatabaseUnavailable(
          where + " refuses user and password of DATABASE_URL (SQLState " + state + ")");
    }
    if (state.equals("3D000")) {
      return new DatabaseUnavailable(
          where + ": there is no such database; create it, or correct DATABASE_URL");
    }
    if (state.equals("42501")) {
      return new DatabaseUnavailable(
          where + ": the user of DATABASE_URL may not create tables there", cause);
    }
    return SqlFailure.isPassing(cause)
        ? null
        : new DatabaseUnavailable(where + " cannot be used (SQLState " + state + ")", cause);
  }

  @Override
  public void close() {
    pool.close();
  }

  @Override
  public void discard() {
    pool.close();
  }
}
