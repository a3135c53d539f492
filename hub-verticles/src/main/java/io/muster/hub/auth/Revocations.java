package io.muster.hub.auth;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;

/** Tokens that ended before their time, on all hubs. */
final class Revocations {
  private final Database database;
  private final Clock clock;

  Revocations(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Ends a token, or all of a session.
   *
   * @param id the token's or the session's
   * @param expiresAt milliseconds since 1970, after which it would be over anyway
   * @return whether it had not ended before: of two who ask at once, one hears yes
   */
  Future<Boolean> add(String id, long expiresAt) {
    long now = clock.millis();
    return database.transact(
        connection -> {
          Sql.update(connection, "DELETE FROM admin_revoked WHERE expires_at < ?", now);
          return Sql.update(
                  connection,
                  "INSERT INTO admin_revoked (id, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                  id,
                  expiresAt)
              > 0;
        });
  }

  static boolean contains(Connection connection, String id) throws SQLException {
    return Sql.exists(connection, "SELECT 1 FROM admin_revoked WHERE id = ?", id);
  }
}
