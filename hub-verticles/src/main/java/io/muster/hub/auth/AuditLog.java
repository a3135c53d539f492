package io.muster.hub.auth;

import io.muster.hub.http.ApiCall;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What administrators did, in the database: who, when, from where, what, on what, with what end.
 */
public final class AuditLog {
  private static final String NOTE = "muster.audit.note";
  private static final int LONGEST_DETAIL = 8_000;

  private final Database database;

  AuditLog(Database database) {
    this.database = database;
  }

  /**
   * One action.
   *
   * @param id 0 before it is stored; grows with time
   * @param at milliseconds since 1970
   * @param action {@code PUT /api/admin/nodes/:id/tags}, or {@code login}
   * @param target what it was done to, empty for nothing in particular
   * @param detail nothing secret; null for none
   * @param outcome {@code ok}, or the error's code
   */
  public record Entry(
      long id,
      long at,
      String user,
      String address,
      String requestId,
      String action,
      String target,
      JsonObject detail,
      String outcome) {}

  /**
   * Which entries are wanted; the newest come first.
   *
   * @param before only older ones than this id
   * @param user null for everybody's
   * @param target null for all
   */
  public record Wanted(long before, String user, String target, int limit) {}

  private record Note(String target, JsonObject detail) {}

  /**
   * Says, in a route's handler, what a request is about; without it, the log has the path's parts.
   *
   * @param detail nothing secret, null for none
   */
  public static void note(ApiCall call, String target, JsonObject detail) {
    call.context().put(NOTE, new Note(target, detail));
  }

  static Entry entry(ApiCall call, long at, String user, String action, String outcome) {
    Note note = call.context().get(NOTE);
    return new Entry(
        0,
        at,
        user,
        address(call),
        call.requestId(),
        action,
        note == null ? String.join(" ", call.context().pathParams().values()) : note.target(),
        note == null ? null : note.detail(),
        outcome);
  }

  static String address(ApiCall call) {
    return call.request().remoteAddress() == null
        ? "unknown"
        : call.request().remoteAddress().hostAddress();
  }

  /** Stores an entry. */
  Future<Void> add(Entry entry) {
    return database.transact(
        connection -> {
          Sql.update(
              connection,
              "INSERT INTO admin_audit (at, username, address, request_id, action, target, detail,"
                  + " outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
              entry.at(),
              cut(entry.user(), 64),
              cut(entry.address(), 100),
              cut(entry.requestId(), 200),
              cut(entry.action(), 200),
              cut(entry.target(), 400),
              detail(entry),
              cut(entry.outcome(), 100));
          return null;
        });
  }

  /** The entries, the newest first. */
  public Future<List<Entry>> list(Wanted wanted) {
    return database.transactLightly(
        connection -> {
          List<Entry> entries = new ArrayList<>();
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT id, at, username, address, request_id, action, target, detail, outcome"
                      + " FROM admin_audit WHERE id < ?"
                      + (wanted.user() == null ? "" : " AND username = ?")
                      + (wanted.target() == null ? "" : " AND target = ?")
                      + " ORDER BY id DESC LIMIT ?")) {
            int index = 1;
            select.setLong(index++, wanted.before());
            if (wanted.user() != null) {
              select.setString(index++, StorableText.of(wanted.user()));
            }
            if (wanted.target() != null) {
              select.setString(index++, StorableText.of(wanted.target()));
            }
            select.setInt(index, wanted.limit());
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                entries.add(read(row));
              }
            }
          }
          return entries;
        });
  }

  /** Forgets what is older. */
  Future<Integer> forget(long before) {
    return database.transactLightly(
        connection -> Sql.update(connection, "DELETE FROM admin_audit WHERE at < ?", before));
  }

  private static Entry read(ResultSet row) throws SQLException {
    String detail = row.getString(8);
    return new Entry(
        row.getLong(1),
        row.getLong(2),
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getString(7),
        detail == null ? null : new JsonObject(detail),
        row.getString(9));
  }

  private static String detail(Entry entry) {
    if (entry.detail() == null) {
      return null;
    }
    String text = StorableText.of(entry.detail().encode());
    return text.length() <= LONGEST_DETAIL
        ? text
        : new JsonObject().put("cut", text.length()).encode();
  }

  private static String cut(String text, int length) {
    String storable = StorableText.of(text);
    return storable.length() <= length ? storable : storable.substring(0, length);
  }
}
