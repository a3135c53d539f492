package io.muster.hub.auth;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The users in the database, which all hubs share. */
final class Accounts {
  private static final String COLUMNS =
      "SELECT name, role, password_hash, generation, created_at, last_login FROM admin_user";

  private final Database database;
  private final Clock clock;

  Accounts(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  Future<Optional<Account>> find(String name) {
    return database.transactLightly(connection -> find(connection, name));
  }

  /**
   * The user of a token.
   *
   * @param ended ids that must not have been revoked: the token's and its session's
   * @return empty when there is no such user, or one of the ids is revoked
   */
  Future<Optional<Account>> findUnlessRevoked(String name, String... ended) {
    return database.transactLightly(
        connection -> {
          for (String id : ended) {
            if (Revocations.contains(connection, id)) {
              return Optional.empty();
            }
          }
          return find(connection, name);
        });
  }

  Future<List<Account>> list() {
    return database.transactLightly(
        connection -> {
          List<Account> accounts = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(COLUMNS + " ORDER BY name");
              ResultSet row = select.executeQuery()) {
            while (row.next()) {
              accounts.add(read(row));
            }
          }
          return accounts;
        });
  }

  /**
   * Adds a user; false when there is one of the name. Its first generation is the time, so that
   * tokens of an earlier user of the name, who was removed, do not pass for this one's.
   */
  Future<Boolean> add(String name, Role role, String hash) {
    long now = clock.millis();
    return database.transact(
        connection ->
            Sql.update(
                    connection,
                    "INSERT INTO admin_user (name, role, password_hash, generation, created_at,"
                        + " changed_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    name,
                    role.name(),
                    hash,
                    now,
                    now,
                    now)
                > 0);
  }

  /**
   * Changes a user; with another password, all tokens of the user end.
   *
   * @param role null for the same
   * @param hash of another password, null for the same
   * @return fails with 404, and with 409 where nobody would be left who may change anything
   */
  Future<Account> change(String name, Role role, String hash) {
    long now = clock.millis();
    return database.transact(
        connection -> {
          lock(connection);
          Account old = find(connection, name).orElseThrow(() -> unknown(name));
          Role next = role == null ? old.role() : role;
          if (next != Role.ADMIN) {
            requireOtherAdmin(connection, old);
          }
          Sql.update(
              connection,
              "UPDATE admin_user SET role = ?, password_hash = ?, generation = ?, changed_at = ?"
                  + " WHERE name = ?",
              next.name(),
              hash == null ? old.hash() : hash,
              hash == null ? old.generation() : old.generation() + 1,
              now,
              name);
          return find(connection, name).orElseThrow(() -> unknown(name));
        });
  }

  /** Removes a user; fails as {@link #change} does. */
  Future<Void> remove(String name) {
    return database.transact(
        connection -> {
          lock(connection);
          Account old = find(connection, name).orElseThrow(() -> unknown(name));
          requireOtherAdmin(connection, old);
          Sql.update(connection, "DELETE FROM admin_user WHERE name = ?", name);
          return null;
        });
  }

  /** Notes that somebody came in. */
  Future<Void> loggedIn(String name) {
    long now = clock.millis();
    return database.transactLightly(
        connection -> {
          Sql.update(connection, "UPDATE admin_user SET last_login = ? WHERE name = ?", now, name);
          return null;
        });
  }

  /** One change of users after the other: two admins must not take each other's role away. */
  private static void lock(Connection connection) throws SQLException {
    try (PreparedStatement all =
            connection.prepareStatement("SELECT name FROM admin_user ORDER BY name FOR UPDATE");
        ResultSet row = all.executeQuery()) {
      while (row.next()) {
        row.getString(1);
      }
    }
  }

  private static void requireOtherAdmin(Connection connection, Account leaving)
      throws SQLException {
    if (leaving.role() != Role.ADMIN) {
      return;
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT COUNT(*) FROM admin_user WHERE role = 'ADMIN' AND name <> ?")) {
      select.setString(1, leaving.name());
      try (ResultSet row = select.executeQuery()) {
        row.next();
        if (row.getLong(1) == 0) {
          throw Fault.of(
                  Failure.CONFLICT, leaving.name() + " is the last admin: make another one first.")
              .asException();
        }
      }
    }
  }

  private static Optional<Account> find(Connection connection, String name) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(COLUMNS + " WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(read(row)) : Optional.empty();
      }
    }
  }

  private static Account read(ResultSet row) throws SQLException {
    return new Account(
        row.getString(1),
        Role.valueOf(row.getString(2)),
        row.getString(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6));
  }

  private static RuntimeException unknown(String name) {
    return Fault.of(Failure.NOT_FOUND, "There is no user " + name + ".").asException();
  }
}
