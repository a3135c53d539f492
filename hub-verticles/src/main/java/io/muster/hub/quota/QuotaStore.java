package io.muster.hub.quota;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.StorableText;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * What is used and held, in the database; it runs the steps of {@link Quota} there, many in one
 * transaction.
 *
 * <p>Why it never overshoots: every step of a principal, of whichever hub, runs between {@code
 * SELECT … FOR UPDATE} of the principal's one row and the commit, so the steps of all hubs come one
 * after the other, and each sees what all before it have done; {@link Quota#reserve} then keeps the
 * limit by itself. Why it never leaks: what is held is a row that refers to its hub's row, and goes
 * with it. A hub renews its row with every transaction, and where there can be others no hub renews
 * it once it has expired: whoever comes first after that deletes it, the dead hub's heirs or the
 * hub itself. A hub that lives but could not renew knows that before anybody else does, since it
 * counts from before the transaction that renewed began, and ends what it held.
 *
 * <p>Why nothing counts twice: a transaction whose commit was not answered is run again, and then
 * finds its holds there, or gone.
 */
final class QuotaStore {
  /** What a hub asks for; it is done in the order of the list. */
  sealed interface Step {
    Principal principal();

    String holdId();
  }

  record Reserve(String holdId, Principal principal, Limits limits, Demand demand)
      implements Step {}

  /**
   * Ends what is held.
   *
   * @param again whether it was tried before, and may have been done
   */
  record Settle(String holdId, Principal principal, long tokens, boolean again) implements Step {}

  /**
   * What became of a reservation.
   *
   * @param refusal null where it was taken
   */
  record Outcome(Refusal refusal, Standing standing) {}

  /**
   * What became of all steps.
   *
   * @param leaseLost what this hub held before is no longer held
   * @param outcomes one for each step, null for those that settle
   */
  record Done(boolean leaseLost, List<Outcome> outcomes) {}

  /** What a principal has used and holds, for people. */
  record Use(Principal principal, Quota quota) {}

  private static final String LATER =
      "CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '0.001' SECOND";
  private static final String RENEW =
      "UPDATE quota_hub SET lease_until = " + LATER + " WHERE hub_id = ?";
  private static final String RENEW_IN_TIME = RENEW + " AND lease_until >= CURRENT_TIMESTAMP";
  private static final String LEAVE = "DELETE FROM quota_hub WHERE hub_id = ?";
  private static final String ENTER =
      "INSERT INTO quota_hub (hub_id, lease_until) VALUES (?, " + LATER + ")";
  private static final String BURY = "DELETE FROM quota_hub WHERE lease_until < CURRENT_TIMESTAMP";
  private static final String BURY_OTHERS = "DELETE FROM quota_hub WHERE hub_id <> ?";
  private static final String LOCK =
      "SELECT used_day, tokens, requests, changed_at FROM quota_use WHERE principal = ? FOR UPDATE";
  private static final String CREATE =
      "INSERT INTO quota_use (principal, used_day, tokens, requests, changed_at)"
          + " VALUES (?, 0, 0, '', 0) ON CONFLICT DO NOTHING";
  private static final String SAVE =
      "UPDATE quota_use SET used_day = ?, tokens = ?, requests = ?, changed_at = ?"
          + " WHERE principal = ?";
  private static final String HELD =
      "SELECT %s, COALESCE(SUM(tokens), 0), COALESCE(SUM(streams), 0) FROM quota_hold"
          + " WHERE principal = ?";
  private static final String IS_HELD = "SELECT 1 FROM quota_hold WHERE id = ?";
  private static final String HOLD =
      "INSERT INTO quota_hold (id, principal, hub_id, tokens, streams) VALUES (?, ?, ?, ?, ?)";
  private static final String FIND_HOLD = "SELECT tokens, streams FROM quota_hold WHERE id = ?";
  private static final String LET_GO = "DELETE FROM quota_hold WHERE id = ?";
  private static final String USES =
      "SELECT u.principal, u.used_day, u.tokens, u.requests, u.changed_at,"
          + " COALESCE(SUM(h.tokens), 0), COALESCE(SUM(h.streams), 0), %s"
          + " FROM quota_use u LEFT JOIN quota_hold h ON h.principal = u.principal"
          + " GROUP BY u.principal, u.used_day, u.tokens, u.requests, u.changed_at"
          + " ORDER BY u.principal LIMIT ?";
  private static final String FORGET =
      "DELETE FROM quota_use WHERE used_day < ? AND NOT EXISTS"
          + " (SELECT 1 FROM quota_hold h WHERE h.principal = quota_use.principal)";
  private static final int DAYS_KEPT = 7;

  private final Database database;
  private final String hubId;
  private final long leaseMs;
  private final LongSupplier aheadMs;

  /** The time now, not that of the transaction's begin: it may have waited for a row since. */
  private final String now;

  /**
   * @param leaseMs milliseconds for which a hub holds what it has reserved after it was last heard
   * @param aheadMs added to the database's clock, for tests
   */
  QuotaStore(Database database, String hubId, long leaseMs, LongSupplier aheadMs) {
    this.database = database;
    this.hubId = hubId;
    this.leaseMs = leaseMs;
    this.aheadMs = aheadMs;
    // A database that no other hub can have open sees one transaction of this kind at a time.
    this.now = database.exclusive() ? "CURRENT_TIMESTAMP" : "clock_timestamp()";
  }

  /**
   * Begins with nothing held; where no other hub can be alive, nothing is held by others either.
   */
  Future<Void> enter() {
    return database.transactLightly(
        connection -> {
          if (database.exclusive()) {
            update(connection, BURY_OTHERS, hubId);
          }
          renew(connection);
          long today =
              Math.floorDiv(System.currentTimeMillis() + aheadMs.getAsLong(), Quota.DAY_MS);
          update(connection, FORGET, today - DAYS_KEPT);
          return null;
        });
  }

  /** Gives back all that this hub holds. */
  Future<Void> leave() {
    return database.transactLightly(
        connection -> {
          update(connection, LEAVE, hubId);
          return null;
        });
  }

  /** Does the steps, all of them or none; also renews the hub's lease. */
  Future<Done> run(List<Step> steps) {
    AtomicInteger runs = new AtomicInteger();
    return database.transactLightly(connection -> run(connection, steps, runs.incrementAndGet()));
  }

  private Done run(Connection connection, List<Step> steps, int run) throws SQLException {
    boolean renewed = renew(connection);
    update(connection, BURY);
    Outcome[] outcomes = new Outcome[steps.size()];
    // In one order in all hubs, so that no two wait for each other.
    Map<String, List<Integer>> byPrincipal = new TreeMap<>();
    for (int i = 0; i < steps.size(); i++) {
      byPrincipal.computeIfAbsent(steps.get(i).principal().id(), id -> new ArrayList<>()).add(i);
    }
    for (Map.Entry<String, List<Integer>> entry : byPrincipal.entrySet()) {
      String principal = StorableText.of(entry.getKey());
      Quota quota = lock(connection, principal);
      for (int i : entry.getValue()) {
        if (steps.get(i) instanceof Reserve reserve) {
          outcomes[i] = reserve(connection, principal, quota, reserve, run);
        } else if (steps.get(i) instanceof Settle settle) {
          settle(connection, quota, settle, run);
        }
      }
      update(
          connection,
          SAVE,
          quota.day(),
          quota.tokens(),
          quota.requests().toText(),
          quota.nowMs(),
          principal);
    }
    List<Outcome> all = new ArrayList<>();
    Collections.addAll(all, outcomes);
    return new Done(!renewed, all);
  }

  /** Whether what this hub held it still holds. */
  private boolean renew(Connection connection) throws SQLException {
    // Where no other hub can take anything, a hub that stood still has lost nothing.
    if (update(connection, database.exclusive() ? RENEW : RENEW_IN_TIME, leaseMs, hubId) == 1) {
      return true;
    }
    update(connection, LEAVE, hubId);
    update(connection, ENTER, hubId, leaseMs);
    return false;
  }

  private Quota lock(Connection connection, String principal) throws SQLException {
    for (int i = 0; i < 2; i++) {
      try (PreparedStatement select = connection.prepareStatement(LOCK)) {
        select.setString(1, principal);
        try (ResultSet row = select.executeQuery()) {
          if (row.next()) {
            return held(
                connection,
                principal,
                row.getLong(1),
                row.getLong(2),
                row.getString(3),
                row.getLong(4));
          }
        }
      }
      update(connection, CREATE, principal);
    }
    throw new SQLException("a principal's use came and went", "40001");
  }

  private Quota held(
      Connection connection,
      String principal,
      long day,
      long tokens,
      String requests,
      long changedMs)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(HELD.formatted(now))) {
      select.setString(1, principal);
      try (ResultSet row = select.executeQuery()) {
        row.next();
        Quota quota =
            new Quota(
                changedMs, day, tokens, SlidingWindow.of(requests), row.getLong(2), row.getLong(3));
        quota.at(time(row, 1));
        return quota;
      }
    }
  }

  private long time(ResultSet row, int column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant().toEpochMilli()
        + aheadMs.getAsLong();
  }

  private Outcome reserve(
      Connection connection, String principal, Quota quota, Reserve step, int run)
      throws SQLException {
    if (run > 1 && isHeld(connection, step.holdId())) {
      return new Outcome(null, quota.standing(step.limits()));
    }
    Refusal refusal = quota.reserve(step.limits(), step.demand());
    if (refusal == null) {
      update(
          connection,
          HOLD,
          step.holdId(),
          principal,
          hubId,
          step.demand().tokens(),
          step.demand().stream() ? 1L : 0L);
    }
    return new Outcome(refusal, quota.standing(step.limits()));
  }

  private static boolean isHeld(Connection connection, String holdId) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(IS_HELD)) {
      select.setString(1, holdId);
      try (ResultSet row = select.executeQuery()) {
        return row.next();
      }
    }
  }

  private static void settle(Connection connection, Quota quota, Settle step, int run)
      throws SQLException {
    Demand held = null;
    try (PreparedStatement select = connection.prepareStatement(FIND_HOLD)) {
      select.setString(1, step.holdId());
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          held = new Demand(row.getLong(1), row.getLong(2) > 0);
        }
      }
    }
    if (held != null) {
      update(connection, LET_GO, step.holdId());
      quota.settle(held, step.tokens());
    } else if (run == 1 && !step.again()) {
      // Taken away from this hub, but the tokens were used.
      quota.count(step.tokens());
    }
  }

  /** What was used, for people; principals without a limit are not counted. */
  Future<List<Use>> uses(int most) {
    return database.transactLightly(
        connection -> {
          List<Use> uses = new ArrayList<>();
          try (PreparedStatement select = connection.prepareStatement(USES.formatted(now))) {
            select.setInt(1, most);
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                Quota quota =
                    new Quota(
                        row.getLong(5),
                        row.getLong(2),
                        row.getLong(3),
                        SlidingWindow.of(row.getString(4)),
                        row.getLong(6),
                        row.getLong(7));
                quota.at(time(row, 8));
                uses.add(new Use(Principal.ofId(row.getString(1)), quota));
              }
            }
          }
          return uses;
        });
  }

  private static int update(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    }
  }
}
