package io.muster.hub.task;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What is read of tasks, and the leases of hubs: one row a hub, in the database's own time, which
 * holds all its tasks at once. Whoever finds it run out takes them, exactly one hub.
 */
final class TaskStore {
  private static final String LATER =
      "CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '0.001' SECOND";
  private static final String RENEW =
      "UPDATE task_hub SET alive_until = " + LATER + " WHERE hub_id = ?";
  private static final String REGISTER =
      "INSERT INTO task_hub (alive_until, hub_id) VALUES (" + LATER + ", ?) ON CONFLICT DO NOTHING";
  private static final String EXPIRED =
      "SELECT hub_id FROM task_hub WHERE hub_id <> ? AND alive_until < CURRENT_TIMESTAMP"
          + " ORDER BY hub_id";
  private static final String OTHERS =
      "SELECT hub_id FROM task_hub WHERE hub_id <> ? ORDER BY hub_id";
  private static final String EVICT =
      "DELETE FROM task_hub WHERE hub_id = ? AND alive_until < CURRENT_TIMESTAMP";
  private static final String LEAVE = "DELETE FROM task_hub WHERE hub_id = ?";
  private static final String OF_HUB = " FROM task WHERE hub_id = ?";

  /** Left by hubs that are no more, or that came back after their lease had run out. */
  private static final String ORPHANS =
      "SELECT DISTINCT hub_id FROM task WHERE hub_id IS NOT NULL AND hub_id <> ?"
          + " AND hub_id NOT IN (SELECT hub_id FROM task_hub)";

  private static final String TAKE_OVER = "UPDATE task SET hub_id = ? WHERE hub_id = ?";

  private static final String FIND = "SELECT " + Rows.COLUMNS + " FROM task WHERE id = ?";
  private static final String MINE =
      "SELECT " + Rows.COLUMNS + " FROM task WHERE hub_id = ? AND id > ? ORDER BY id LIMIT ?";

  /** For lists: arguments and results may be long. */
  private static final String SHORT =
      Rows.COLUMNS.replace(" args,", " '{}',").replace(" result,", " NULL,");

  private static final String OPEN =
      "SELECT "
          + SHORT
          + " FROM task WHERE hub_id IS NOT NULL AND status IN ('waiting', 'queued')"
          + " AND id > ? ORDER BY id LIMIT ?";
  private static final String STATES = "SELECT id, status" + OF_HUB;
  private static final String FORGET =
      "DELETE FROM task WHERE id IN (SELECT id FROM task WHERE ended_at < ? ORDER BY ended_at"
          + " LIMIT ?)";
  private static final int PAGE = 1_000;

  private final Database database;
  private final String hubId;
  private final TaskOptions options;
  private final Clock clock;

  TaskStore(Database database, String hubId, TaskOptions options, Clock clock) {
    this.database = database;
    this.hubId = hubId;
    this.options = options;
    this.clock = clock;
  }

  /**
   * What a list is narrowed to; null for whatever.
   *
   * @param before the id that the page begins after, newest first
   */
  record Filter(TaskStatus status, String tool, String node, String before, int limit) {}

  Future<Optional<TaskView>> find(String id) {
    return database.transactLightly(
        connection -> Rows.tasks(connection, FIND, StorableText.of(id)).stream().findFirst());
  }

  /** Newest first, without arguments and results. */
  Future<List<TaskView>> list(Filter filter) {
    StringBuilder sql = new StringBuilder("SELECT " + SHORT + " FROM task WHERE 1 = 1");
    List<Object> values = new ArrayList<>();
    narrow(sql, values, " AND id < ?", filter.before());
    narrow(
        sql, values, " AND status = ?", filter.status() == null ? null : filter.status().label());
    narrow(sql, values, " AND tool = ?", filter.tool());
    narrow(sql, values, " AND node_id = ?", filter.node());
    sql.append(" ORDER BY id DESC LIMIT ?");
    values.add(filter.limit());
    return database.transactLightly(
        connection -> Rows.tasks(connection, sql.toString(), values.toArray()));
  }

  private static void narrow(
      StringBuilder sql, List<Object> values, String condition, String value) {
    if (value != null) {
      sql.append(condition);
      values.add(StorableText.of(value));
    }
  }

  /** Those that have not been given to a node, oldest first. */
  Future<List<TaskView>> pending(String after, int limit) {
    return database.transactLightly(
        connection -> Rows.tasks(connection, OPEN, after == null ? "" : after, limit));
  }

  /**
   * This hub's open tasks, all of them.
   *
   * @param to is given them page by page, as soon as each is read
   */
  Future<Void> mine(Consumer<List<TaskView>> to) {
    return mine("", to);
  }

  private Future<Void> mine(String after, Consumer<List<TaskView>> to) {
    return database
        .transactLightly(connection -> Rows.tasks(connection, MINE, hubId, after, PAGE))
        .compose(
            page -> {
              to.accept(page);
              return page.size() < PAGE
                  ? Future.succeededFuture()
                  : mine(page.get(page.size() - 1).spec().id(), to);
            });
  }

  /** The status of each of this hub's open tasks, by its id. */
  Future<Map<String, TaskStatus>> states() {
    return database.transactLightly(
        connection -> {
          Map<String, TaskStatus> states = new HashMap<>();
          try (PreparedStatement select = connection.prepareStatement(STATES)) {
            select.setString(1, hubId);
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                states.put(row.getString(1), TaskStatus.of(row.getString(2)).orElseThrow());
              }
            }
          }
          return states;
        });
  }

  /**
   * Makes this hub's lease last.
   *
   * @return false when it had run out and others have taken the tasks; it has a new one now
   */
  Future<Boolean> renew() {
    return database.transactLightly(
        connection -> {
          if (Rows.update(connection, RENEW, options.leaseMs(), hubId) > 0) {
            return true;
          }
          Rows.update(connection, REGISTER, options.leaseMs(), hubId);
          return false;
        });
  }

  /**
   * Takes the tasks of hubs whose lease has run out; of all others, where the database can have no
   * other hub.
   *
   * @return the tasks' ids
   */
  Future<Set<String>> takeOver() {
    boolean alone = database.exclusive();
    return database.transact(
        connection -> {
          for (String dead : Rows.texts(connection, alone ? OTHERS : EXPIRED, hubId)) {
            Rows.update(connection, alone ? LEAVE : EVICT, dead);
          }
          Set<String> taken = new HashSet<>();
          for (String dead : Rows.texts(connection, ORPHANS, hubId)) {
            List<String> its = Rows.texts(connection, "SELECT id" + OF_HUB, dead);
            // None, where another hub was faster.
            if (Rows.update(connection, TAKE_OVER, hubId, dead) > 0) {
              taken.addAll(its);
            }
          }
          return taken;
        });
  }

  /** Lets the tasks go; another hub takes them at its next look. */
  Future<Void> leave() {
    return database.transact(
        connection -> {
          Rows.update(connection, LEAVE, hubId);
          return null;
        });
  }

  /** Forgets tasks that ended long ago. */
  Future<Integer> forget(int limit) {
    long before = clock.millis() - options.keepMs();
    return database.transactLightly(connection -> forget(connection, before, limit));
  }

  private static int forget(Connection connection, long before, int limit) throws SQLException {
    return Rows.update(connection, FORGET, before, limit);
  }
}
