package io.muster.hub.config;

import io.muster.hub.config.ConfigVersion.Kind;
import io.muster.hub.config.ConfigVersion.Target;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Configurations in the database, with what each node has applied and what it has rejected. */
final class ConfigStore {
  /** Of each target; a node that rejected them all keeps its own settings. */
  private static final int KEPT = 50;

  private final Database database;

  ConfigStore(Database database) {
    this.database = database;
  }

  /**
   * Why a node would not take a version.
   *
   * @param at milliseconds since 1970
   */
  record Rejection(String reason, long at) {}

  /** All of it at one moment. */
  record Stored(
      List<ConfigVersion> versions,
      Map<String, Effective> applied,
      Map<String, Map<Long, Rejection>> rejected) {
    static final Stored NOTHING = new Stored(List.of(), Map.of(), Map.of());
  }

  Future<Stored> load() {
    return database.transactLightly(
        connection -> new Stored(versions(connection), applied(connection), rejected(connection)));
  }

  /** Adds a version, which from now on is the one of its target. */
  Future<ConfigVersion> add(Target target, Map<String, String> values, String by, long at) {
    return database.transact(
        connection -> {
          long version;
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO config_version (kind, target, settings, created_by, created_at)"
                      + " VALUES (?, ?, ?, ?, ?)",
                  new String[] {"version"})) {
            insert.setString(1, target.kind().name());
            insert.setString(2, StorableText.of(target.name()));
            insert.setString(3, json(values));
            insert.setString(4, by);
            insert.setLong(5, at);
            insert.executeUpdate();
            try (ResultSet keys = insert.getGeneratedKeys()) {
              keys.next();
              version = keys.getLong(1);
            }
          }
          String kind = target.kind().name();
          String name = StorableText.of(target.name());
          Sql.update(
              connection,
              "DELETE FROM config_version WHERE kind = ? AND target = ? AND version <="
                  + " (SELECT MIN(version) FROM (SELECT version FROM config_version"
                  + " WHERE kind = ? AND target = ? ORDER BY version DESC LIMIT "
                  + KEPT
                  + ") kept) - 1",
              kind,
              name,
              kind,
              name);
          return new ConfigVersion(version, target, values, by, at);
        });
  }

  /** A node has taken this up. */
  Future<Void> applied(String nodeId, Effective what, long at) {
    return database.transact(
        connection -> {
          String id = StorableText.of(nodeId);
          Sql.update(connection, "DELETE FROM config_node WHERE node_id = ?", id);
          Sql.update(
              connection,
              "INSERT INTO config_node (node_id, version, settings, applied_at)"
                  + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
              id,
              what.version(),
              json(what.values()),
              at);
          return null;
        });
  }

  /** A node would not take this version. */
  Future<Void> rejected(String nodeId, long version, Rejection why) {
    return database.transact(
        connection -> {
          Sql.update(
              connection,
              "INSERT INTO config_rejected (node_id, version, reason, rejected_at)"
                  + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
              StorableText.of(nodeId),
              version,
              StorableText.of(why.reason()),
              why.at());
          return null;
        });
  }

  private static List<ConfigVersion> versions(Connection connection) throws SQLException {
    List<ConfigVersion> versions = new ArrayList<>();
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "SELECT version, kind, target, settings, created_by, created_at"
                    + " FROM config_version ORDER BY version")) {
      while (row.next()) {
        versions.add(
            new ConfigVersion(
                row.getLong(1),
                new Target(Kind.valueOf(row.getString(2)), row.getString(3)),
                values(row.getString(4)),
                row.getString(5),
                row.getLong(6)));
      }
    }
    return versions;
  }

  private static Map<String, Effective> applied(Connection connection) throws SQLException {
    Map<String, Effective> applied = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT node_id, version, settings FROM config_node")) {
      while (row.next()) {
        applied.put(row.getString(1), new Effective(row.getLong(2), values(row.getString(3))));
      }
    }
    return applied;
  }

  private static Map<String, Map<Long, Rejection>> rejected(Connection connection)
      throws SQLException {
    Map<String, Map<Long, Rejection>> rejected = new HashMap<>();
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery(
                "SELECT node_id, version, reason, rejected_at FROM config_rejected")) {
      while (row.next()) {
        rejected
            .computeIfAbsent(row.getString(1), id -> new TreeMap<>())
            .put(row.getLong(2), new Rejection(row.getString(3), row.getLong(4)));
      }
    }
    return rejected;
  }

  private static String json(Map<String, String> values) {
    JsonObject json = new JsonObject();
    values.forEach(json::put);
    return StorableText.of(json.encode());
  }

  private static Map<String, String> values(String json) {
    Map<String, String> values = new TreeMap<>();
    new JsonObject(json).forEach(entry -> values.put(entry.getKey(), "" + entry.getValue()));
    return values;
  }
}
