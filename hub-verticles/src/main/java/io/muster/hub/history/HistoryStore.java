package io.muster.hub.history;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The table of nodes' figures. */
final class HistoryStore {
  private static final String INSERT =
      "INSERT INTO node_history (node_id, step, at, figures) VALUES (?, ?, ?, ?)"
          // The hub that wrote before this one may have written it already.
          + " ON CONFLICT DO NOTHING";
  private static final String READ =
      "SELECT at, figures FROM node_history WHERE node_id = ? AND step = ? AND at >= ? AND at < ?";
  private static final String OLDEST =
      "SELECT at FROM node_history WHERE step = ? ORDER BY step, at LIMIT 1";
  private static final String FORGET = "DELETE FROM node_history WHERE step = ? AND at < ?";
  private static final int FETCH_ROWS = 500;

  /** So many steps of all nodes go in one transaction, which no statement's limit cuts off. */
  private static final int FORGET_STEPS = 20;

  private final Database database;

  HistoryStore(Database database) {
    this.database = database;
  }

  /**
   * What a node's figures were.
   *
   * @param at the beginning, in milliseconds since 1970
   * @param figures never changed any more: they are written out on the database's thread
   */
  record Row(String nodeId, int step, long at, Bucket figures) {}

  /**
   * What is asked for.
   *
   * @param step the resolution, in seconds
   * @param from in milliseconds since 1970, this included
   * @param to this not
   * @param pointMs the time that a point of the answer stands for
   * @param metrics which figures
   */
  record Question(String nodeId, int step, long from, long to, long pointMs, Set<String> metrics) {

    private boolean covers(Row row) {
      return row.nodeId().equals(nodeId) && row.step() == step && row.at() >= from && row.at() < to;
    }

    private Bucket pointOf(long at, SortedMap<Long, Bucket> points) {
      return points.computeIfAbsent(at - Math.floorMod(at, pointMs), begin -> new Bucket());
    }
  }

  Future<Void> write(List<Row> rows) {
    return database.transactLightly(
        connection -> {
          try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (Row row : rows) {
              insert.setString(1, StorableText.of(row.nodeId()));
              insert.setInt(2, row.step());
              insert.setLong(3, row.at());
              insert.setString(4, row.figures().toJson());
              insert.addBatch();
            }
            insert.executeBatch();
          }
          return null;
        });
  }

  /**
   * The points, by when they begin. Read and added up on the database's thread: of a long time
   * there may be hundreds of thousands of rows.
   *
   * @param more what may not be written yet
   */
  Future<SortedMap<Long, Bucket>> read(Question question, List<Row> more) {
    List<Row> asked = more.stream().filter(question::covers).toList();
    return database.transactLightly(
        connection -> {
          SortedMap<Long, Bucket> points = new TreeMap<>();
          Map<Long, Row> unwritten = new HashMap<>();
          asked.forEach(row -> unwritten.put(row.at(), row));
          try (PreparedStatement read = connection.prepareStatement(READ)) {
            read.setFetchSize(FETCH_ROWS);
            read.setString(1, StorableText.of(question.nodeId()));
            read.setInt(2, question.step());
            read.setLong(3, question.from());
            read.setLong(4, question.to());
            try (ResultSet found = read.executeQuery()) {
              while (found.next()) {
                long at = found.getLong(1);
                unwritten.remove(at);
                question.pointOf(at, points).addJson(found.getString(2), question.metrics());
              }
            }
          }
          unwritten.forEach(
              (at, row) -> question.pointOf(at, points).add(row.figures(), question.metrics()));
          return points;
        });
  }

  /**
   * Removes what is older than its resolution is kept for.
   *
   * @param now in milliseconds since 1970
   * @return how many rows
   */
  Future<Integer> forget(List<Tier> tiers, long now) {
    Future<Integer> removed = Future.succeededFuture(0);
    for (Tier tier : tiers) {
      long before = now - tier.kept().toMillis();
      removed =
          removed.compose(
              already -> {
                Promise<Integer> done = Promise.promise();
                forget(tier, before, already, done);
                return done.future();
              });
    }
    return removed;
  }

  /** One promise for all of it: futures within futures would be as deep as the clean-up is long. */
  private void forget(Tier tier, long before, int already, Promise<Integer> done) {
    database
        .transactLightly(connection -> forgetSome(connection, tier, before))
        .onSuccess(
            removed -> {
              if (removed == 0) {
                done.complete(already);
              } else {
                forget(tier, before, already + removed, done);
              }
            })
        .onFailure(done::fail);
  }

  /** The oldest steps; 0 when none is too old. */
  private static int forgetSome(Connection connection, Tier tier, long before) throws SQLException {
    long oldest;
    try (PreparedStatement select = connection.prepareStatement(OLDEST)) {
      select.setInt(1, tier.step());
      try (ResultSet found = select.executeQuery()) {
        if (!found.next()) {
          return 0;
        }
        oldest = found.getLong(1);
      }
    }
    if (oldest >= before) {
      return 0;
    }
    try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
      forget.setInt(1, tier.step());
      forget.setLong(2, Math.min(before, oldest + FORGET_STEPS * tier.stepMs()));
      return forget.executeUpdate();
    }
  }
}
