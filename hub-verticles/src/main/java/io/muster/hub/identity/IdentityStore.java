package io.muster.hub.identity;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of nodes' identities; each method is a statement within a transaction. */
final class IdentityStore {
  private static final String COLUMNS =
      "node_id, public_key, algorithm, admitted_by, created_at, key_since, signed_at, rekey_until,"
          + " revoked_at";

  private IdentityStore() {}

  /** Locks the row, so that of two who come at once one waits for the other. */
  static Optional<NodeIdentity> lock(Connection connection, String nodeId) throws SQLException {
    return find(connection, nodeId, " FOR UPDATE");
  }

  static Optional<NodeIdentity> find(Connection connection, String nodeId) throws SQLException {
    return find(connection, nodeId, "");
  }

  private static Optional<NodeIdentity> find(Connection connection, String nodeId, String lock)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT " + COLUMNS + " FROM node_identity WHERE node_id = ?" + lock)) {
      select.setString(1, nodeId);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(read(row)) : Optional.empty();
      }
    }
  }

  static List<NodeIdentity> list(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM node_identity ORDER BY created_at, node_id");
        ResultSet row = select.executeQuery()) {
      List<NodeIdentity> all = new ArrayList<>();
      while (row.next()) {
        all.add(read(row));
      }
      return all;
    }
  }

  /** The ids of those that are shut out. */
  static List<String> revoked(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT node_id FROM node_identity WHERE revoked_at IS NOT NULL");
        ResultSet row = select.executeQuery()) {
      List<String> revoked = new ArrayList<>();
      while (row.next()) {
        revoked.add(row.getString(1));
      }
      return revoked;
    }
  }

  /** False when another hub has inserted it meanwhile. */
  static boolean insert(Connection connection, NodeIdentity identity) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO node_identity (public_key, algorithm, admitted_by, key_since, signed_at,"
                + " rekey_until, revoked_at, node_id, created_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
      fill(insert, identity);
      insert.setLong(9, identity.createdAt());
      return insert.executeUpdate() > 0;
    }
  }

  static void update(Connection connection, NodeIdentity identity) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE node_identity SET public_key = ?, algorithm = ?, admitted_by = ?, key_since ="
                + " ?, signed_at = ?, rekey_until = ?, revoked_at = ? WHERE node_id = ?")) {
      fill(update, identity);
      update.executeUpdate();
    }
  }

  private static void fill(PreparedStatement statement, NodeIdentity identity) throws SQLException {
    statement.setString(1, identity.publicKey());
    statement.setString(2, identity.algorithm());
    statement.setString(3, identity.admittedBy().label());
    statement.setLong(4, identity.keySince());
    statement.setLong(5, identity.signedAt());
    statement.setLong(6, identity.rekeyUntil());
    if (identity.revokedAt() == null) {
      statement.setNull(7, Types.BIGINT);
    } else {
      statement.setLong(7, identity.revokedAt());
    }
    statement.setString(8, identity.nodeId());
  }

  private static NodeIdentity read(ResultSet row) throws SQLException {
    long revokedAt = row.getLong(9);
    Long revoked = row.wasNull() ? null : revokedAt;
    return new NodeIdentity(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        AdmittedBy.of(row.getString(4)),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        revoked);
  }
}
