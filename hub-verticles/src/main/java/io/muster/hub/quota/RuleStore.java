package io.muster.hub.quota;

import io.muster.hub.quota.Rule.Scope;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The rules in the database. */
final class RuleStore {
  private static final String LIST =
      "SELECT scope, name, requests_per_minute, tokens_per_day, streams, burst, changed_at,"
          + " changed_by FROM quota_override ORDER BY scope, name";
  private static final String UPDATE =
      "UPDATE quota_override SET requests_per_minute = ?, tokens_per_day = ?, streams = ?,"
          + " burst = ?, changed_at = ?, changed_by = ? WHERE scope = ? AND name = ?";
  private static final String INSERT =
      "INSERT INTO quota_override (requests_per_minute, tokens_per_day, streams, burst,"
          + " changed_at, changed_by, scope, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";
  private static final String DELETE = "DELETE FROM quota_override WHERE scope = ? AND name = ?";

  private final Database database;

  RuleStore(Database database) {
    this.database = database;
  }

  Future<List<Rule>> list() {
    return database.transactLightly(
        connection -> {
          List<Rule> rules = new ArrayList<>();
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery(LIST)) {
            while (row.next()) {
              Long burst = number(row, 6);
              rules.add(
                  new Rule(
                      Scope.valueOf(row.getString(1).toUpperCase(Locale.ROOT)),
                      row.getString(2),
                      number(row, 3),
                      number(row, 4),
                      number(row, 5),
                      burst == null ? null : Integer.valueOf(burst.intValue()),
                      row.getLong(7),
                      row.getString(8)));
            }
          }
          return rules;
        });
  }

  private static Long number(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : Long.valueOf(value);
  }

  /** Writes a rule in place of the one there was; durable when this succeeds. */
  Future<Void> put(Rule rule) {
    return database.transact(
        connection -> {
          // Twice: another hub may insert it between the two statements.
          if (write(connection, UPDATE, rule) == 0
              && write(connection, INSERT, rule) == 0
              && write(connection, UPDATE, rule) == 0) {
            throw new SQLException("a rule came and went", "40001");
          }
          return null;
        });
  }

  private static int write(Connection connection, String sql, Rule rule) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, rule.requestsPerMinute(), Types.BIGINT);
      statement.setObject(2, rule.tokensPerDay(), Types.BIGINT);
      statement.setObject(3, rule.streams(), Types.BIGINT);
      statement.setObject(4, rule.burst(), Types.INTEGER);
      statement.setLong(5, rule.changedAt());
      statement.setString(6, StorableText.of(rule.changedBy()));
      statement.setString(7, rule.scope().label());
      statement.setString(8, StorableText.of(rule.name()));
      return statement.executeUpdate();
    }
  }

  /** Whether there was such a rule. */
  Future<Boolean> delete(Scope scope, String name) {
    return database.transact(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(DELETE)) {
            statement.setString(1, scope.label());
            statement.setString(2, StorableText.of(name));
            return statement.executeUpdate() > 0;
          }
        });
  }
}
