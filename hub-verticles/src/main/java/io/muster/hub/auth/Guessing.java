package io.muster.hub.auth;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.vertx.core.Future;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Locks out whoever guesses passwords: for a user from an address, for an address whatever the
 * user, for a user whatever the address. A try counts before it is looked at, so that many at once
 * are not many tries. Kept in the database, for all hubs and over restarts.
 */
final class Guessing {
  private static final int OF_ADDRESS = 4;
  private static final int OF_USER = 10;
  private static final int IPV6_BYTES = 16;
  private static final int IPV6_NETWORK_BYTES = 8;

  private final Database database;
  private final Clock clock;
  private final int failures;
  private final long lockoutMs;

  /**
   * @param failures of a user from one address that lock it out
   * @param lockoutMs for so many milliseconds, which is also how long a failure counts
   */
  Guessing(Database database, Clock clock, int failures, long lockoutMs) {
    this.database = database;
    this.clock = clock;
    this.failures = failures;
    this.lockoutMs = lockoutMs;
  }

  /**
   * Counts a try.
   *
   * @return milliseconds for which no further one is looked at; 0 when this one is
   */
  Future<Long> begin(String user, String address) {
    long now = clock.millis();
    Map<String, Integer> subjects = subjects(user, address);
    return database.transact(
        connection -> {
          Sql.update(connection, "DELETE FROM admin_attempt WHERE forget_at <= ?", now);
          long wait = 0;
          for (String subject : subjects.keySet()) {
            wait = Math.max(wait, lockedUntil(connection, subject) - now);
          }
          if (wait > 0) {
            return wait;
          }
          for (Map.Entry<String, Integer> subject : subjects.entrySet()) {
            count(connection, subject.getKey(), subject.getValue(), now);
          }
          return 0L;
        });
  }

  /** The try was none of a guesser. */
  Future<Void> succeeded(String user, String address) {
    Map<String, Integer> subjects = subjects(user, address);
    return database.transact(
        connection -> {
          String pair = subjects.keySet().iterator().next();
          for (String subject : subjects.keySet()) {
            // Of an address and of a user only this one: the rest may be somebody else's.
            Sql.update(
                connection,
                "UPDATE admin_attempt SET locked_until = 0, failures = "
                    + (subject.equals(pair) ? "0" : "failures - 1")
                    + " WHERE subject = ?",
                subject);
          }
          return null;
        });
  }

  /** Always in one order, so that two transactions never wait for each other. */
  private Map<String, Integer> subjects(String user, String address) {
    // Hashed: whatever is sent as a name fits, and a password typed there by mistake is not kept.
    String who = digest(user);
    String network = network(address);
    Map<String, Integer> subjects = new LinkedHashMap<>();
    subjects.put("both:" + who + "@" + network, failures);
    subjects.put("address:" + network, failures * OF_ADDRESS);
    subjects.put("user:" + who, failures * OF_USER);
    return subjects;
  }

  /** Makes the row where there is none, and keeps it locked to the transaction's end. */
  private static long lockedUntil(Connection connection, String subject) throws SQLException {
    Sql.update(
        connection,
        "INSERT INTO admin_attempt (subject, failures, locked_until, forget_at)"
            + " VALUES (?, 0, 0, 0) ON CONFLICT DO NOTHING",
        subject);
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT locked_until FROM admin_attempt WHERE subject = ? FOR UPDATE")) {
      select.setString(1, subject);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : 0;
      }
    }
  }

  private void count(Connection connection, String subject, int limit, long now)
      throws SQLException {
    Sql.update(
        connection,
        "UPDATE admin_attempt SET forget_at = ?, locked_until ="
            + " CASE WHEN failures + 1 >= ? THEN CAST(? AS BIGINT) ELSE 0 END, failures = failures + 1"
            + " WHERE subject = ?",
        now + lockoutMs,
        limit,
        now + lockoutMs,
        subject);
  }

  /** An IPv6 address' first half: who has one has all that share it. */
  static String network(String address) {
    try {
      byte[] bytes = InetAddress.getByName(address).getAddress();
      if (bytes.length == IPV6_BYTES) {
        return new BigInteger(1, Arrays.copyOf(bytes, IPV6_NETWORK_BYTES)).toString(16) + "::/64";
      }
    } catch (UnknownHostException e) {
      // Not a number: taken as it is.
    }
    return address;
  }

  private static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, IPV6_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
