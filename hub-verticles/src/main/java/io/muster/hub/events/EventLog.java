package io.muster.hub.events;

import io.muster.event.ClusterEvent;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events in the database, for a while, so that a subscriber can go on at another hub or after a
 * restart. What comes while a write is under way goes with the next one. Used on the hub's event
 * loop.
 */
final class EventLog {
  private static final Logger log = LoggerFactory.getLogger(EventLog.class);

  private static final String INSERT =
      "INSERT INTO event_log (id, type, source, at, data) VALUES (?, ?, ?, ?, ?)"
          + " ON CONFLICT DO NOTHING";
  private static final String READ = "SELECT id, type, source, at, data FROM event_log";
  private static final String OLDEST_OF_NEWEST =
      "SELECT at FROM event_log ORDER BY at DESC LIMIT 1 OFFSET ?";

  /** As long as its column is. */
  private static final int LONGEST_ID = 200;

  private static final int LONGEST_DATA = 64 << 10;
  private static final int BATCH = 500;

  private final Database database;
  private final Options options;
  private final Clock clock;
  private final Deque<Told> unwritten = new ArrayDeque<>();
  private Future<Void> writing = Future.succeededFuture();
  private boolean busy;
  private long added;
  private long done;
  private long dropped;

  /**
   * @param size events that are kept
   * @param keepMs for how long at most
   * @param maxUnwritten events that may wait to be written
   */
  record Options(int size, long keepMs, int maxUnwritten) {}

  EventLog(Database database, Options options, Clock clock) {
    this.database = database;
    this.options = options;
    this.clock = clock;
  }

  /** Writes an event soon. */
  void add(Told told) {
    if (told.id().length() > LONGEST_ID) {
      return;
    }
    if (unwritten.size() >= options.maxUnwritten()) {
      dropped++;
      return;
    }
    unwritten.add(told);
    added++;
    if (!busy) {
      write();
    }
  }

  private void write() {
    if (unwritten.isEmpty()) {
      busy = false;
      return;
    }
    busy = true;
    List<Told> batch = new ArrayList<>();
    while (batch.size() < BATCH && !unwritten.isEmpty()) {
      batch.add(unwritten.poll());
    }
    writing =
        database.<Void>transactLightly(
            connection -> {
              insert(connection, batch);
              return null;
            });
    writing.onComplete(
        result -> {
          done += batch.size();
          if (result.failed()) {
            dropped += batch.size();
            log.warn("{} events are not kept: {}", batch.size(), result.cause().getMessage());
          }
          write();
        });
  }

  private static void insert(Connection connection, List<Told> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      for (Told told : batch) {
        ClusterEvent event = told.event();
        String data = StorableText.of(told.data().encode());
        statement.setString(1, StorableText.of(event.id()));
        statement.setString(2, StorableText.of(event.type()));
        statement.setString(3, StorableText.of(event.source()));
        statement.setLong(4, event.timestamp());
        statement.setString(5, data.length() > LONGEST_DATA ? "{\"cut\":true}" : data);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** How many events could not be kept. */
  long dropped() {
    return dropped;
  }

  /** Whether the event is kept. */
  Future<Boolean> holds(String id) {
    return written()
        .compose(
            v ->
                database.transactLightly(
                    connection ->
                        Sql.exists(
                            connection,
                            "SELECT 1 FROM event_log WHERE id = ?",
                            StorableText.of(id))));
  }

  /**
   * Events from a time on, oldest first.
   *
   * @param from milliseconds since 1970
   */
  Future<List<Told>> since(long from, int limit) {
    return read(" WHERE at >= ? ORDER BY at, id LIMIT ?", from, limit);
  }

  /** The newest events, oldest first. */
  Future<List<Told>> newest(int limit) {
    return read(
        " WHERE at > ? AND id IN (SELECT id FROM event_log ORDER BY at DESC, id DESC LIMIT ?)"
            + " ORDER BY at, id",
        0,
        limit);
  }

  private Future<List<Told>> read(String which, long from, int limit) {
    return written()
        .compose(
            v ->
                database.transactLightly(
                    connection -> {
                      List<Told> events = new ArrayList<>();
                      try (PreparedStatement statement =
                          connection.prepareStatement(READ + which)) {
                        statement.setLong(1, from);
                        statement.setInt(2, limit);
                        try (ResultSet row = statement.executeQuery()) {
                          while (row.next()) {
                            events.add(event(row));
                          }
                        }
                      }
                      return events;
                    }));
  }

  private static Told event(ResultSet row) throws SQLException {
    return new Told(
        new ClusterEvent(
            row.getString(1),
            row.getString(2),
            row.getString(3),
            row.getLong(4),
            new JsonObject(row.getString(5)).getMap()));
  }

  /** Forgets what is too old or too much. */
  Future<Integer> prune() {
    return database.transactLightly(
        connection -> {
          long oldest = clock.millis() - options.keepMs();
          try (PreparedStatement statement = connection.prepareStatement(OLDEST_OF_NEWEST)) {
            statement.setInt(1, options.size());
            try (ResultSet row = statement.executeQuery()) {
              if (row.next()) {
                oldest = Math.max(oldest, row.getLong(1) + 1);
              }
            }
          }
          return Sql.update(connection, "DELETE FROM event_log WHERE at < ?", oldest);
        });
  }

  /** Succeeds when all that was added before is written, or could not be. */
  Future<Void> written() {
    return writtenUpTo(added);
  }

  private Future<Void> writtenUpTo(long number) {
    return done >= number
        ? Future.succeededFuture()
        : writing.otherwiseEmpty().compose(v -> writtenUpTo(number));
  }
}
