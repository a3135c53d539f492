package io.muster.hub.admin;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Drains, tags and groups in the database, where all hubs and their next starts find them. */
final class SteeringStore {
  /** Rows that an administrator's script gone wild cannot exceed. */
  private static final int MOST_GROUPS = 1_000;

  private final Database database;

  SteeringStore(Database database) {
    this.database = database;
  }

  /**
   * Who keeps work from a node.
   *
   * @param at milliseconds since 1970
   */
  record Drain(String by, long at) {}

  /** All of it at one moment. */
  record Steered(
      Map<String, Drain> drained, Map<String, Set<String>> tags, Map<String, Set<String>> groups) {
    static final Steered NONE = new Steered(Map.of(), Map.of(), Map.of());
  }

  Future<Steered> load() {
    return database.transactLightly(
        connection -> {
          Map<String, Drain> drained = new HashMap<>();
          each(
              connection,
              "SELECT node_id, drained_by, drained_at FROM node_drain",
              row -> drained.put(row.getString(1), new Drain(row.getString(2), row.getLong(3))));
          Map<String, Set<String>> tags = new HashMap<>();
          each(
              connection,
              "SELECT node_id, tag FROM node_tag",
              row ->
                  tags.computeIfAbsent(row.getString(1), id -> new TreeSet<>())
                      .add(row.getString(2)));
          Map<String, Set<String>> groups = new LinkedHashMap<>();
          each(
              connection,
              "SELECT name, tags FROM node_group ORDER BY name",
              row ->
                  groups.put(
                      row.getString(1), new TreeSet<>(List.of(row.getString(2).split(",")))));
          return new Steered(drained, tags, groups);
        });
  }

  Future<Void> drain(String nodeId, String by, long at) {
    return database.transact(
        connection -> {
          run(connection, "DELETE FROM node_drain WHERE node_id = ?", nodeId);
          Sql.update(
              connection,
              "INSERT INTO node_drain (node_id, drained_by, drained_at) VALUES (?, ?, ?)"
                  + " ON CONFLICT DO NOTHING",
              StorableText.of(nodeId),
              by,
              at);
          return null;
        });
  }

  Future<Void> resume(String nodeId) {
    return database.transact(
        connection -> {
          run(connection, "DELETE FROM node_drain WHERE node_id = ?", nodeId);
          return null;
        });
  }

  /** Puts these in the place of the node's tags. */
  Future<Void> tag(String nodeId, Set<String> tags) {
    List<String> sorted = new ArrayList<>(new TreeSet<>(tags));
    return database.transact(
        connection -> {
          run(connection, "DELETE FROM node_tag WHERE node_id = ?", nodeId);
          for (String tag : sorted) {
            run(
                connection,
                "INSERT INTO node_tag (node_id, tag) VALUES (?, ?) ON CONFLICT DO NOTHING",
                nodeId,
                tag);
          }
          return null;
        });
  }

  Future<Void> group(String name, Set<String> tags) {
    String joined = String.join(",", new TreeSet<>(tags));
    return database.transact(
        connection -> {
          run(connection, "DELETE FROM node_group WHERE name = ?", name);
          Map<String, Long> count = new TreeMap<>();
          each(
              connection,
              "SELECT COUNT(*) FROM node_group",
              row -> count.put("groups", row.getLong(1)));
          if (count.get("groups") >= MOST_GROUPS) {
            throw Fault.of(Failure.CONFLICT, "There are " + MOST_GROUPS + " groups already.")
                .asException();
          }
          run(
              connection,
              "INSERT INTO node_group (name, tags) VALUES (?, ?) ON CONFLICT DO NOTHING",
              name,
              joined);
          return null;
        });
  }

  Future<Boolean> removeGroup(String name) {
    return database.transact(
        connection -> run(connection, "DELETE FROM node_group WHERE name = ?", name) > 0);
  }

  /** Nothing is left of the node, its configuration's state included. */
  Future<Void> forget(String nodeId) {
    return database.transact(
        connection -> {
          for (String table : List.of("node_drain", "node_tag", "config_node", "config_rejected")) {
            run(connection, "DELETE FROM " + table + " WHERE node_id = ?", nodeId);
          }
          return null;
        });
  }

  private interface Row {
    void read(ResultSet row) throws SQLException;
  }

  private static void each(Connection connection, String sql, Row handler) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet row = select.executeQuery()) {
      while (row.next()) {
        handler.read(row);
      }
    }
  }

  private static int run(Connection connection, String sql, String... values) throws SQLException {
    return Sql.update(connection, sql, Stream.of(values).map(StorableText::of).toArray());
  }
}
