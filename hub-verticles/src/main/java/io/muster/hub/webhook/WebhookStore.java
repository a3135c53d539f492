package io.muster.hub.webhook;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.events.EventFilter;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.net.URI;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Webhooks and their last deliveries in the database. */
final class WebhookStore {
  private static final String COLUMNS =
      "SELECT id, url, types, secret, created_at, created_by, done_id, failing_since, disabled_at,"
          + " disabled_why FROM webhook";
  private static final String INSERT =
      "INSERT INTO webhook (id, url, types, secret, created_at, created_by)"
          + " VALUES (?, ?, ?, ?, ?, ?)";
  private static final String SETTLE =
      "UPDATE webhook SET done_id = ?, failing_since = ? WHERE id = ?";
  private static final String FAILING =
      "UPDATE webhook SET failing_since = ? WHERE id = ? AND failing_since IS NULL";
  private static final String DISABLE =
      "UPDATE webhook SET disabled_at = ?, disabled_why = ? WHERE id = ? AND disabled_at IS NULL";
  private static final String ENABLE =
      "UPDATE webhook SET disabled_at = NULL, disabled_why = NULL, failing_since = NULL,"
          + " done_id = NULL WHERE id = ?";
  private static final String DELIVERED =
      "INSERT INTO webhook_delivery (id, webhook_id, event_id, event_type, attempt, at, elapsed_ms,"
          + " status, failure) SELECT CAST(? AS VARCHAR), id, CAST(? AS VARCHAR), CAST(? AS VARCHAR),"
          + " CAST(? AS INTEGER), CAST(? AS BIGINT), CAST(? AS BIGINT), CAST(? AS INTEGER),"
          + " CAST(? AS VARCHAR) FROM webhook WHERE id = ?";
  private static final String FORGET =
      "DELETE FROM webhook_delivery WHERE webhook_id = ? AND id NOT IN (SELECT id FROM"
          + " webhook_delivery WHERE webhook_id = ? ORDER BY at DESC, attempt DESC LIMIT ?)";
  private static final String DELIVERIES =
      "SELECT id, event_id, event_type, attempt, at, elapsed_ms, status, failure FROM"
          + " webhook_delivery WHERE webhook_id = ? ORDER BY at DESC, attempt DESC LIMIT ?";

  /** Deliveries that are remembered of each webhook. */
  static final int KEPT = 100;

  private final Database database;

  WebhookStore(Database database) {
    this.database = database;
  }

  Future<List<Webhook>> list() {
    return database.transactLightly(
        connection -> {
          List<Webhook> hooks = new ArrayList<>();
          try (PreparedStatement statement =
                  connection.prepareStatement(COLUMNS + " ORDER BY created_at, id");
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              hooks.add(read(row));
            }
          }
          return hooks;
        });
  }

  private static Webhook read(ResultSet row) throws SQLException {
    return new Webhook(
        row.getString(1),
        URI.create(row.getString(2)),
        filter(row.getString(3)),
        row.getString(4),
        row.getLong(5),
        row.getString(6),
        row.getString(7),
        number(row, 8),
        number(row, 9),
        row.getString(10));
  }

  /** Names that this version does not know any more are left out. */
  private static EventFilter filter(String types) {
    try {
      return EventFilter.parse(types);
    } catch (IllegalArgumentException e) {
      List<String> known = Arrays.stream(types.split(",")).filter(WebhookStore::isKnown).toList();
      return known.isEmpty() ? EventFilter.parse("events_lost") : EventFilter.of(known);
    }
  }

  private static boolean isKnown(String type) {
    try {
      EventFilter.parse(type);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Long number(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  /**
   * Adds one.
   *
   * @param most how many there may be
   * @return fails with {@link Failure#CONFLICT} when there are as many already
   */
  Future<Void> add(Webhook hook, int most) {
    return database
        .transact(
            connection -> {
              try (PreparedStatement count =
                      connection.prepareStatement("SELECT COUNT(*) FROM webhook");
                  ResultSet row = count.executeQuery()) {
                row.next();
                if (row.getInt(1) >= most) {
                  throw new FaultException(Failure.CONFLICT, "there are " + most + " webhooks");
                }
              }
              return Sql.update(
                  connection,
                  INSERT,
                  hook.id(),
                  hook.url().toString(),
                  String.join(",", hook.filter().names()),
                  StorableText.of(hook.secret()),
                  hook.createdAt(),
                  StorableText.of(hook.createdBy()));
            })
        .mapEmpty();
  }

  Future<Boolean> delete(String id) {
    return change("DELETE FROM webhook WHERE id = ?", StorableText.of(id));
  }

  /** An event is done with: delivered, when it is not failing since then. */
  Future<Boolean> settle(String id, String eventId, Long failingSince) {
    return changeLightly(SETTLE, eventId, failingSince, id);
  }

  Future<Boolean> failing(String id, long since) {
    return changeLightly(FAILING, since, id);
  }

  Future<Boolean> disable(String id, long at, String why) {
    return change(DISABLE, at, StorableText.of(why), id);
  }

  Future<Boolean> enable(String id) {
    return change(ENABLE, StorableText.of(id));
  }

  private Future<Boolean> change(String sql, Object... values) {
    return database.transact(connection -> Sql.update(connection, sql, values) > 0);
  }

  private Future<Boolean> changeLightly(String sql, Object... values) {
    return database.transactLightly(connection -> Sql.update(connection, sql, values) > 0);
  }

  /** Remembers a try, and forgets old ones. */
  Future<Void> note(Delivery delivery) {
    return database
        .transactLightly(
            connection -> {
              Sql.update(
                  connection,
                  DELIVERED,
                  delivery.id(),
                  StorableText.of(delivery.eventId()),
                  StorableText.of(delivery.eventType()),
                  delivery.attempt(),
                  delivery.at(),
                  delivery.elapsedMs(),
                  delivery.status(),
                  StorableText.of(delivery.failure()),
                  delivery.webhookId());
              return Sql.update(
                  connection, FORGET, delivery.webhookId(), delivery.webhookId(), KEPT);
            })
        .mapEmpty();
  }

  /** The last tries, newest first. */
  Future<List<Delivery>> deliveries(String id) {
    return database.transactLightly(
        connection -> {
          List<Delivery> list = new ArrayList<>();
          try (PreparedStatement statement = connection.prepareStatement(DELIVERIES)) {
            statement.setString(1, StorableText.of(id));
            statement.setInt(2, KEPT);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                Long status = number(row, 7);
                list.add(
                    new Delivery(
                        row.getString(1),
                        id,
                        row.getString(2),
                        row.getString(3),
                        row.getInt(4),
                        row.getLong(5),
                        row.getLong(6),
                        status == null ? null : status.intValue(),
                        row.getString(8)));
              }
            }
          }
          return list;
        });
  }
}
