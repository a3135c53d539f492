package io.muster.hub.identity;

import io.muster.identity.KeyProof;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The table of join tokens; each method is a statement or two within a transaction. */
final class JoinTokenStore {
  private static final String PREFIX = "mjt_";
  private static final String COLUMNS =
      "id, note, node_id, created_by, created_at, expires_at, used_at, used_by";
  private static final long KEEP_MS = 30L * 24 * 3_600_000;
  private static final int MAX_CHARACTERS = 200;

  /**
   * Why a token does not admit.
   *
   * @param guess it is none of ours
   */
  record Problem(String text, boolean guess) {}

  private JoinTokenStore() {}

  /** The token as its holder gets it. */
  static String text(String id, String secret) {
    return PREFIX + id + "_" + secret;
  }

  static void insert(Connection connection, JoinToken token, String secret) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO join_token (id, hash, note, node_id, created_by, created_at, expires_at)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?)")) {
      insert.setString(1, token.id());
      insert.setString(2, hash(secret));
      insert.setString(3, token.note());
      insert.setString(4, token.nodeId());
      insert.setString(5, token.createdBy());
      insert.setLong(6, token.createdAt());
      insert.setLong(7, token.expiresAt());
      insert.executeUpdate();
    }
    try (PreparedStatement forget =
        connection.prepareStatement("DELETE FROM join_token WHERE expires_at < ?")) {
      forget.setLong(1, token.createdAt() - KEEP_MS);
      forget.executeUpdate();
    }
  }

  /**
   * Uses a token up for this node and key; the same node may show it again with the same key, since
   * each hub of a cluster hears a registration.
   *
   * @return empty when it admits
   */
  static Optional<Problem> use(
      Connection connection, String token, String nodeId, String key, long now)
      throws SQLException {
    int split = token.lastIndexOf('_');
    if (token.length() > MAX_CHARACTERS || !token.startsWith(PREFIX) || split < PREFIX.length()) {
      return Optional.of(new Problem("it is no join token: they begin with " + PREFIX, true));
    }
    String id = token.substring(PREFIX.length(), split);
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT hash, node_id, expires_at, used_at, used_by, used_key FROM join_token"
                + " WHERE id = ? FOR UPDATE")) {
      select.setString(1, id);
      try (ResultSet row = select.executeQuery()) {
        boolean known = row.next();
        String hash = known ? row.getString(1) : "";
        if (!KeyProof.same(hash, hash(token.substring(split + 1))) || !known) {
          return Optional.of(new Problem("the hub does not know it", true));
        }
        String bound = row.getString(2);
        if (bound != null && !bound.equals(nodeId)) {
          return Optional.of(new Problem("it is for the node " + bound, false));
        }
        row.getLong(4);
        if (!row.wasNull()) {
          return nodeId.equals(row.getString(5)) && Objects.equals(key, row.getString(6))
              ? Optional.empty()
              : Optional.of(new Problem("it was used already, by " + row.getString(5), false));
        }
        if (row.getLong(3) <= now) {
          return Optional.of(new Problem("it is over", false));
        }
      }
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE join_token SET used_at = ?, used_by = ?, used_key = ? WHERE id = ?")) {
      update.setLong(1, now);
      update.setString(2, nodeId);
      update.setString(3, key);
      update.setString(4, id);
      update.executeUpdate();
    }
    return Optional.empty();
  }

  static List<JoinToken> list(Connection connection) throws SQLException {
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT " + COLUMNS + " FROM join_token ORDER BY created_at, id");
        ResultSet row = select.executeQuery()) {
      List<JoinToken> all = new ArrayList<>();
      while (row.next()) {
        long usedAt = row.getLong(7);
        Long used = row.wasNull() ? null : usedAt;
        all.add(
            new JoinToken(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getLong(6),
                used,
                row.getString(8)));
      }
      return all;
    }
  }

  static boolean delete(Connection connection, String id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM join_token WHERE id = ?")) {
      delete.setString(1, id);
      return delete.executeUpdate() > 0;
    }
  }

  private static String hash(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
