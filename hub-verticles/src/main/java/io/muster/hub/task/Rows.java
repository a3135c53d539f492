package io.muster.hub.task;

import io.vertx.core.json.JsonArray;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Tasks as rows, and the few words of JDBC that this package needs. */
final class Rows {
  static final String COLUMNS =
      "id, caller, idempotency_key, request_hash, tool, args, capability, wanted_node, tags,"
          + " timeout_ms, priority, retries, depends_on, on_dependency_failure, status, attempt,"
          + " tries_left, losses, hub_id, node_id, node_instance, not_before, attempts, result,"
          + " error, created_at, started_at, ended_at";

  private Rows() {}

  static TaskView task(ResultSet row) throws SQLException {
    TaskSpec spec =
        new TaskSpec(
            row.getString(1),
            row.getString(2),
            new Needs(
                row.getString(5),
                row.getString(7),
                row.getString(8),
                new LinkedHashSet<>(strings(row.getString(9)))),
            row.getString(6),
            row.getLong(10),
            row.getInt(11),
            row.getInt(12),
            strings(row.getString(13)),
            "skip".equals(row.getString(14)),
            row.getString(3),
            row.getString(4),
            row.getLong(26));
    return new TaskView(
        spec,
        TaskStatus.of(row.getString(15)).orElseThrow(),
        row.getLong(16),
        row.getInt(17),
        row.getInt(18),
        row.getString(19),
        row.getString(20),
        row.getString(21),
        row.getLong(22),
        lines(row.getString(23)),
        row.getString(24),
        row.getString(25),
        row.getLong(27),
        row.getLong(28));
  }

  /** A JSON array of texts; null for an empty list. */
  static String json(Iterable<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array.isEmpty() ? null : array.encode();
  }

  static String json(Set<String> texts) {
    return json(texts.stream().sorted()::iterator);
  }

  private static List<String> strings(String json) {
    List<String> texts = new ArrayList<>();
    if (json != null) {
      new JsonArray(json).forEach(text -> texts.add((String) text));
    }
    return texts;
  }

  private static List<String> lines(String text) {
    return text == null ? List.of() : text.lines().toList();
  }

  static int update(Connection connection, String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, values);
      return statement.executeUpdate();
    }
  }

  static void set(PreparedStatement statement, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  /** The first column of every row. */
  static List<String> texts(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, values);
      List<String> texts = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          texts.add(row.getString(1));
        }
      }
      return texts;
    }
  }

  static List<TaskView> tasks(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      set(statement, values);
      List<TaskView> tasks = new ArrayList<>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          tasks.add(task(row));
        }
      }
      return tasks;
    }
  }

  /** So many question marks, between commas. */
  static String marks(int count) {
    return "?" + ", ?".repeat(count - 1);
  }
}
