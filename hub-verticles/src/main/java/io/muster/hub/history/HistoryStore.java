package io.muster.hub.history;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/** The table of nodes' figures. */
final class HistoryStore {
  private static final String INSERT =
      "INSERT INTO node_history (node_id, step, at, figures) VALUES (?, ?, ?, ?)"
          // The hub that wrote before this one may have written it already.
          + " ON CONFLICT DO NOTHING";
  private static final String READ =
      "SELECT at, figures FROM node_history WHERE node_id = ? AND step = ? AND at >= ? AND at < ?"
          + " ORDER BY at";
  private static final String FORGET = "DELETE FROM node_history WHERE step = ? AND at < ?";

  private final Database database;

  HistoryStore(Database database) {
    this.database = database;
  }

  /**
   * What a node's figures were.
   *
   * @param at the beginning, in milliseconds since 1970
   */
  record Row(String nodeId, int step, long at, String figures) {}

  Future<Void> write(List<Row> rows) {
    return database.transactLightly(
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (Row row : rows) {
              insert.setString(1, StorableText.of(row.nodeId()));
              insert.setInt(2, row.step());
              insert.setLong(3, row.at());
              insert.setString(4, row.figures());
              insert.addBatch();
            }
            insert.executeBatch();
          }
          return null;
        });
  }

  /**
   * In the order of time.
   *
   * @param from in milliseconds since 1970, this included
   * @param to this not
   */
  Future<List<Row>> read(String nodeId, int step, long from, long to) {
    return database.transactLightly(
        connection -> {
          List<Row> rows = new ArrayList<>();
          try (PreparedStatement read = connection.prepareStatement(READ)) {
            read.setString(1, StorableText.of(nodeId));
            read.setInt(2, step);
            read.setLong(3, from);
            read.setLong(4, to);
            try (ResultSet found = read.executeQuery()) {
              while (found.next()) {
                rows.add(new Row(nodeId, step, found.getLong(1), found.getString(2)));
              }
            }
          }
          return rows;
        });
  }

  /** Removes what is older than its resolution is kept for; all of resolutions that are not. */
  Future<Integer> forget(List<Tier> tiers, long now) {
    return database.transactLightly(
        connection -> {
          int removed = 0;
          try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
            for (Tier tier : tiers) {
              forget.setInt(1, tier.step());
              forget.setLong(2, now - tier.kept().toMillis());
              removed += forget.executeUpdate();
            }
          }
          return removed;
        });
  }
}
