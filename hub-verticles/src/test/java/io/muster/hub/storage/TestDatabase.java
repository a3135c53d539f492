package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * An empty database for one test: an H2 file in a folder of its own, or a schema of its own in the
 * PostgreSQL that {@code TEST_DATABASE_URL} names. All of it is gone after {@link #close}.
 */
public final class TestDatabase implements AutoCloseable {
  private final Path folder;
  private final String url;
  private final String schema;

  private TestDatabase(Path folder, String url, String schema) {
    this.folder = folder;
    this.url = url;
    this.schema = schema;
  }

  public static TestDatabase h2() {
    return new TestDatabase(temporaryFolder(), null, null);
  }

  /** Where none is to be had the test is skipped, but on a CI it fails. */
  public static TestDatabase postgres() {
    String base = System.getenv("TEST_DATABASE_URL");
    if (base == null || base.isBlank()) {
      String missing = "TEST_DATABASE_URL names no PostgreSQL to test with";
      if ("true".equals(System.getenv("CI"))
          || "true".equals(System.getenv("MUSTER_REQUIRE_POSTGRES"))) {
        fail(missing);
      }
      assumeTrue(false, missing);
    }
    return postgres(base);
  }

  /** A schema of its own in this PostgreSQL. */
  public static TestDatabase postgres(String base) {
    String schema = "test_" + UUID.randomUUID().toString().replace("-", "");
    TestDatabase database =
        new TestDatabase(
            temporaryFolder(),
            base + (base.contains("?") ? "&" : "?") + "currentSchema=" + schema,
            schema);
    database.execute(base, "CREATE SCHEMA " + schema);
    return database;
  }

  private static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("muster-db-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public DatabaseOptions options() {
    return new DatabaseOptions(folder, url, 4, 10_000, 5_000);
  }

  public Path folder() {
    return folder;
  }

  public Database open(Vertx vertx) {
    return await(Database.open(vertx, options()));
  }

  /** What a future brings, within 30 s. */
  public static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("nothing came within 30 s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Runs a statement past everything that is tested. */
  public void execute(String sql) {
    execute(url, sql);
  }

  private void execute(String address, String sql) {
    PostgresUrl parsed = PostgresUrl.parse(address);
    Properties properties = new Properties();
    properties.setProperty("user", parsed.user());
    if (parsed.password() != null) {
      properties.setProperty("password", parsed.password());
    }
    try (Connection connection = DriverManager.getConnection(parsed.jdbcUrl(), properties);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    if (schema != null) {
      execute("DROP SCHEMA " + schema + " CASCADE");
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
