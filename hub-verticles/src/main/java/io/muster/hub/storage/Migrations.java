package io.muster.hub.storage;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

/**
 * Brings the database's tables up to this version's, with Flyway. Two things keep a start fast:
 * Flyway is handed the list of migrations, where it would search all of the fat jar for them, and
 * it is not loaded at all when its own history shows them applied with the same checksums.
 */
final class Migrations {
  /** All of {@code db/migration}, oldest first; a test holds the list against the folder. */
  static final List<String> SCRIPTS =
      List.of(
          "V1__sessions_and_nodes.sql",
          "V2__identity.sql",
          "V3__tasks.sql",
          "V4__quota.sql",
          "V5__admin.sql",
          "V6__events.sql",
          "V7__fleet_key.sql",
          "V10__history.sql");

  private static final String FOLDER = "db/migration/";

  private Migrations() {}

  /**
   * Applies what is missing; safe to run in several hubs at once, Flyway locks its history.
   *
   * @return how many were applied now
   * @throws org.flywaydb.core.api.FlywayException when one fails, or an applied one has changed
   */
  static int apply(DataSource connections) {
    if (upToDate(connections)) {
      return 0;
    }
    return Flyway.configure(Migrations.class.getClassLoader())
        .dataSource(connections)
        .loggers("slf4j")
        .resourceProvider(new Listed())
        .javaMigrationClassProvider(List::of)
        .load()
        .migrate()
        .migrationsExecuted;
  }

  static boolean upToDate(DataSource connections) {
    try (Connection connection = connections.getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT script, checksum FROM flyway_schema_history WHERE success")) {
      Map<String, Integer> applied = new HashMap<>();
      while (rows.next()) {
        applied.put(rows.getString(1), rows.getInt(2));
      }
      for (String script : SCRIPTS) {
        if (!Objects.equals(applied.get(script), checksum(script))) {
          return false;
        }
      }
      return true;
    } catch (SQLException e) {
      // No history yet, most likely; Flyway will say what else it is.
      return false;
    }
  }

  /** Flyway's: the CRC-32 of all lines without their ends. */
  private static int checksum(String script) {
    CRC32 crc = new CRC32();
    try (BufferedReader reader = new BufferedReader(open(script))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        crc.update(line.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return (int) crc.getValue();
  }

  private static Reader open(String script) {
    InputStream stream = Migrations.class.getClassLoader().getResourceAsStream(FOLDER + script);
    return new InputStreamReader(Objects.requireNonNull(stream, script), StandardCharsets.UTF_8);
  }

  private static final class Listed implements ResourceProvider {
    @Override
    public LoadableResource getResource(String name) {
      return null;
    }

    @Override
    public List<LoadableResource> getResources(String prefix, String[] suffixes) {
      return SCRIPTS.stream()
          .filter(script -> script.startsWith(prefix) && endsWithAny(script, suffixes))
          .<LoadableResource>map(Script::new)
          .toList();
    }

    private static boolean endsWithAny(String script, String[] suffixes) {
      for (String suffix : suffixes) {
        if (script.endsWith(suffix)) {
          return true;
        }
      }
      return false;
    }
  }

  /** One script on the class path; in Flyway's history it goes by its bare file name. */
  private static final class Script extends LoadableResource {
    private final String name;

    Script(String name) {
      this.name = name;
    }

    @Override
    public Reader read() {
      return open(name);
    }

    @Override
    public String getFilename() {
      return name;
    }

    @Override
    public String getRelativePath() {
      return name;
    }

    @Override
    public String getAbsolutePath() {
      return FOLDER + name;
    }

    @Override
    public String getAbsolutePathOnDisk() {
      return FOLDER + name;
    }
  }
}
