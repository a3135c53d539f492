package io.muster.hub.node;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes in the database, so that a hub knows after a restart who was there. A registration is
 * written at once, heartbeats once in a while, the last of each node only. Used on the hub's event
 * loop.
 */
public final class NodeRecords {
  private static final Logger log = LoggerFactory.getLogger(NodeRecords.class);

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .serializationInclusion(JsonInclude.Include.NON_NULL)
          .build();

  /** As long as a name's column is. */
  private static final int LONGEST_NAME = 400;

  private static final String UPDATE =
      "UPDATE node_record SET name = ?, type = ?, status = ?, info = ?, registered_at = ?,"
          + " last_heartbeat = ?, active = ?, completed = ?, failed = ?, cancelled = ?,"
          + " average_response_ms = ? WHERE id = ?";
  private static final String INSERT =
      "INSERT INTO node_record (name, type, status, info, registered_at, last_heartbeat, active,"
          + " completed, failed, cancelled, average_response_ms, id, first_registered_at)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
  private static final String NOTE =
      "UPDATE node_record SET status = ?, last_heartbeat = ?, active = ?, completed = ?,"
          + " failed = ?, cancelled = ?, average_response_ms = ?"
          // Another hub may have heard more since.
          + " WHERE id = ? AND last_heartbeat <= ?";
  private static final String LIST =
      "SELECT id, status, info, registered_at, last_heartbeat, active, completed, failed,"
          + " cancelled, average_response_ms FROM node_record ORDER BY first_registered_at, id";

  private final Vertx vertx;
  private final Database database;
  private final Map<String, NodeRecord> noted = new LinkedHashMap<>();
  private final long timer;

  /** The last write; the next begins after it, so that an older state never overwrites a newer. */
  private Future<?> last = Future.succeededFuture();

  /**
   * @param everyMs milliseconds after which noted heartbeats are written
   */
  public NodeRecords(Vertx vertx, Database database, long everyMs) {
    this.vertx = vertx;
    this.database = database;
    this.timer = vertx.setPeriodic(everyMs, id -> writeNoted());
  }

  /** Writes a node as it registered, or whose state changed; it is durable when this succeeds. */
  public Future<Void> save(NodeRecord record) {
    noted.remove(record.info().id());
    String json = toJson(record.info());
    return inOrder(
        () ->
            database.transact(
                connection -> {
                  // Twice: another hub may insert it between the two statements.
                  if (update(connection, record, json) == 0
                      && insert(connection, record, json) == 0
                      && update(connection, record, json) == 0) {
                    throw new SQLException("a node's record came and went", "40001");
                  }
                  return null;
                }));
  }

  /** Remembers a heartbeat; of several of one node, the last is written with the next batch. */
  public void note(NodeRecord record) {
    noted.put(record.info().id(), record);
  }

  /** Writes what was noted now. */
  public Future<Void> writeNoted() {
    if (noted.isEmpty()) {
      return Future.succeededFuture();
    }
    List<NodeRecord> batch = new ArrayList<>(noted.values());
    noted.clear();
    // In one order in every hub, so that two batches never wait for each other.
    batch.sort(Comparator.comparing(record -> record.info().id()));
    return this.<Void>inOrder(
            () ->
                database.transactLightly(
                    connection -> {
                      write(connection, batch);
                      return null;
                    }))
        .onFailure(
            e -> {
              log.warn("heartbeats of {} nodes not stored: {}", batch.size(), e.getMessage());
              batch.forEach(record -> noted.putIfAbsent(record.info().id(), record));
            });
  }

  private static void write(Connection connection, List<NodeRecord> batch) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
      for (NodeRecord record : batch) {
        statement.setString(1, record.status().label());
        statement.setLong(2, record.lastHeartbeat());
        stats(statement, 3, record.stats());
        statement.setString(8, StorableText.of(record.info().id()));
        statement.setLong(9, record.lastHeartbeat());
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** All nodes, in the order in which they first came; one that cannot be read is left out. */
  public Future<List<NodeRecord>> list() {
    return database.transactLightly(
        connection -> {
          List<NodeRecord> records = new ArrayList<>();
          try (Statement statement = connection.createStatement();
              ResultSet row = statement.executeQuery(LIST)) {
            while (row.next()) {
              read(row, records);
            }
          }
          return records;
        });
  }

  private static void read(ResultSet row, List<NodeRecord> into) throws SQLException {
    try {
      into.add(
          new NodeRecord(
              JSON.readValue(row.getString(3), NodeInfo.class),
              NodeState.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
              row.getLong(4),
              row.getLong(5),
              new NodeStats(
                  row.getInt(6),
                  row.getLong(7),
                  row.getLong(8),
                  row.getLong(9),
                  row.getDouble(10))));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      log.warn("the record of node {} cannot be read: {}", row.getString(1), e.getMessage());
    }
  }

  /** Forgets a node. */
  public Future<Boolean> delete(String nodeId) {
    noted.remove(nodeId);
    return inOrder(
        () ->
            database.transact(
                connection -> {
                  try (PreparedStatement statement =
                      connection.prepareStatement("DELETE FROM node_record WHERE id = ?")) {
                    statement.setString(1, StorableText.of(nodeId));
                    return statement.executeUpdate() > 0;
                  }
                }));
  }

  private <T> Future<T> inOrder(Supplier<Future<T>> write) {
    Future<T> next = last.transform(done -> write.get());
    last = next;
    return next;
  }

  /** Writes what is noted, and nothing more. */
  public Future<Void> close() {
    vertx.cancelTimer(timer);
    return writeNoted().otherwiseEmpty();
  }

  private static int update(Connection connection, NodeRecord record, String json)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
      fill(statement, record, json);
      return statement.executeUpdate();
    }
  }

  private static int insert(Connection connection, NodeRecord record, String json)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      fill(statement, record, json);
      statement.setLong(13, record.registeredAt());
      return statement.executeUpdate();
    }
  }

  private static void fill(PreparedStatement statement, NodeRecord record, String json)
      throws SQLException {
    NodeInfo info = record.info();
    statement.setString(1, shortened(StorableText.of(info.name())));
    statement.setString(2, info.type().name().toLowerCase(Locale.ROOT));
    statement.setString(3, record.status().label());
    statement.setString(4, json);
    statement.setLong(5, record.registeredAt());
    statement.setLong(6, record.lastHeartbeat());
    stats(statement, 7, record.stats());
    statement.setString(12, StorableText.of(info.id()));
  }

  private static void stats(PreparedStatement statement, int first, NodeStats stats)
      throws SQLException {
    statement.setInt(first, stats.active());
    statement.setLong(first + 1, stats.completed());
    statement.setLong(first + 2, stats.failed());
    statement.setLong(first + 3, stats.cancelled());
    statement.setDouble(first + 4, stats.averageResponseMs());
  }

  /** For the column only, which is for queries; the whole name is in the JSON. */
  private static String shortened(String name) {
    return name == null || name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
  }

  private static String toJson(NodeInfo info) {
    try {
      return StorableText.of(JSON.writeValueAsString(info));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a node's description cannot be written as JSON", e);
    }
  }
}
