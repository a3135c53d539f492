package io.muster.hub.chat;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.muster.hub.storage.StorableText;
import io.muster.job.Usage;
import io.vertx.core.Future;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Sessions, their turns and their leases in the database.
 *
 * <p>A lease is a session's row saying which hub has a turn under way, until when (in the
 * database's own time), under which fence: a number from a sequence, so that no two leases ever
 * have the same. A hub that finds a session leased leaves its name in {@code wanted_by}, and the
 * holder lets it go first next time: without that, a hub with a queue of its own for the session
 * would starve others.
 */
final class SessionStore {
  private static final String LATER =
      "CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '0.001' SECOND";

  private static final String TAKE =
      "UPDATE chat_session SET fence = nextval('chat_fence'), lease_owner = ?, lease_until = "
          + LATER
          + ", wanted_by = NULL, wanted_until = NULL WHERE id = ?"
          + " AND (lease_owner IS NULL OR lease_owner = ? OR lease_until < CURRENT_TIMESTAMP)"
          + " AND (wanted_by IS NULL OR wanted_by = ? OR wanted_until < CURRENT_TIMESTAMP)";
  private static final String CREATE =
      "INSERT INTO chat_session"
          + " (id, fence, lease_owner, lease_until, last_turn, created_at, updated_at)"
          + " VALUES (?, nextval('chat_fence'), ?, "
          + LATER
          + ", 0, ?, ?) ON CONFLICT DO NOTHING";
  private static final String WANT =
      "UPDATE chat_session SET wanted_by = ?, wanted_until = "
          + LATER
          + " WHERE id = ?"
          + " AND (wanted_by IS NULL OR wanted_by = ? OR wanted_until < CURRENT_TIMESTAMP)";
  private static final String LOAD =
      "SELECT s.fence, s.last_turn, s.updated_at, t.message, t.answer"
          + " FROM chat_session s LEFT JOIN chat_turn t ON t.session_id = s.id"
          + " WHERE s.id = ? ORDER BY t.turn DESC LIMIT ?";
  private static final String RENEW_CREATION =
      "UPDATE chat_session SET created_at = ? WHERE id = ?";
  private static final String FORGET_TURNS =
      "DELETE FROM chat_turn WHERE session_id = ? AND turn <= ?";
  private static final String COMMIT =
      "UPDATE chat_session SET lease_owner = NULL, lease_until = NULL, last_turn = ?, updated_at = ?"
          + " WHERE id = ? AND fence = ? AND lease_owner = ?";
  private static final String COMMITTED =
      "SELECT 1 FROM chat_turn WHERE session_id = ? AND turn = ? AND fence = ?";
  private static final String ADD_TURN =
      "INSERT INTO chat_turn (session_id, turn, fence, message, answer, node_id, model,"
          + " prompt_tokens, completion_tokens, estimated, created_at)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
  private static final String DROP_EMPTY =
      "DELETE FROM chat_session WHERE id = ? AND fence = ? AND last_turn = 0";
  private static final String RELEASE =
      "UPDATE chat_session SET lease_owner = NULL, lease_until = NULL WHERE id = ? AND fence = ?";
  private static final String EXTEND =
      "UPDATE chat_session SET lease_until = "
          + LATER
          + " WHERE id = ? AND fence = ? AND lease_owner = ?";
  private static final String FREE_ALL =
      "UPDATE chat_session SET lease_owner = NULL, lease_until = NULL"
          + " WHERE lease_owner IS NOT NULL AND lease_owner <> ?";
  private static final String IDLE =
      " updated_at < ? AND (lease_owner IS NULL OR lease_until < CURRENT_TIMESTAMP)";
  private static final String SWEEP =
      "DELETE FROM chat_session WHERE id IN (SELECT id FROM chat_session WHERE"
          + IDLE
          + " ORDER BY updated_at LIMIT ?) AND"
          + IDLE;
  private static final String VIEW =
      "SELECT s.created_at, s.updated_at, s.last_turn, t.turn, t.message, t.answer, t.node_id,"
          + " t.model, t.prompt_tokens, t.completion_tokens, t.estimated, t.created_at"
          + " FROM chat_session s JOIN chat_turn t ON t.session_id = s.id"
          + " WHERE s.id = ? AND s.updated_at >= ? ORDER BY t.turn DESC LIMIT ?";
  private static final String DELETE = "DELETE FROM chat_session WHERE id = ?";

  /** Rows that are asked for at once where reading may stop early. */
  private static final int FETCH = 32;

  /** How long a wish for a leased session holds; several times the pause between two tries. */
  private static final int WANTED_MS = 1_000;

  /** Characters of one view: what an answer may hold of a very long session. */
  private static final int VIEW_CHARS = 4_000_000;

  private final Database database;
  private final String hubId;
  private final ChatOptions options;
  private final Clock clock;

  SessionStore(Database database, String hubId, ChatOptions options, Clock clock) {
    this.database = database;
    this.hubId = hubId;
    this.options = options;
    this.clock = clock;
  }

  /**
   * Takes the session's lease and reads as much of its history as goes to the model. This hub's own
   * lease is taken over: the hub lets one turn of a session run at a time by itself.
   *
   * @param begin makes the window that the history goes into; called at every try
   * @return empty while another hub has a turn under way, or waits for it longer
   */
  Future<Optional<OpenTurn>> take(String id, Supplier<ChatSession> begin) {
    // Not forced to the disk: a lease that a power failure undoes has no holder any more either.
    return database.transactLightly(
        connection -> {
          long now = clock.millis();
          if (Sql.update(connection, TAKE, hubId, options.leaseMs(), id, hubId, hubId) == 0
              && Sql.update(connection, CREATE, id, hubId, options.leaseMs(), now, now) == 0) {
            Sql.update(connection, WANT, hubId, WANTED_MS, id, hubId);
            return Optional.empty();
          }
          return Optional.of(load(connection, id, begin.get(), now));
        });
  }

  private OpenTurn load(Connection connection, String id, ChatSession session, long now)
      throws SQLException {
    long fence;
    long lastTurn;
    boolean expired;
    try (PreparedStatement statement = connection.prepareStatement(LOAD)) {
      statement.setFetchSize(FETCH);
      Sql.set(statement, id, options.maxTurns());
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new FaultException(Failure.CONFLICT, "the session was deleted meanwhile");
        }
        fence = row.getLong(1);
        lastTurn = row.getLong(2);
        expired = row.getLong(3) < oldestKept(now);
        boolean more = !expired && row.getString(4) != null;
        while (more) {
          more = session.older(row.getString(4), row.getString(5)) && row.next();
        }
      }
    }
    if (expired) {
      // It was to be forgotten, only the sweep has not come by yet.
      Sql.update(connection, FORGET_TURNS, id, lastTurn);
      Sql.update(connection, RENEW_CREATION, now, id);
    }
    return new OpenTurn(id, session.messages(), fence, lastTurn + 1);
  }

  /**
   * Stores a turn and gives the lease back. Trying it again after it was committed is harmless.
   *
   * @return fails with {@link Failure#CONFLICT} when the lease has been overtaken
   */
  Future<Void> commit(OpenTurn turn, String answer, String nodeId, String model, Usage usage) {
    String message = StorableText.of(turn.message());
    String text = StorableText.of(answer);
    String node = StorableText.of(nodeId);
    String storedModel = StorableText.of(model);
    return database.transact(
        connection -> {
          String id = turn.sessionId();
          long now = clock.millis();
          if (Sql.update(connection, COMMIT, turn.number(), now, id, turn.fence(), hubId) == 0) {
            if (Sql.exists(connection, COMMITTED, id, turn.number(), turn.fence())) {
              return null;
            }
            throw new FaultException(
                Failure.CONFLICT, "the session was deleted or continued elsewhere meanwhile");
          }
          Sql.update(
              connection,
              ADD_TURN,
              id,
              turn.number(),
              turn.fence(),
              message,
              text,
              node,
              storedModel,
              usage.promptTokens(),
              usage.completionTokens(),
              usage.estimated(),
              now);
          if (turn.number() > options.maxTurns()) {
            Sql.update(connection, FORGET_TURNS, id, turn.number() - options.maxTurns());
          }
          return null;
        });
  }

  /** Gives a lease back without a turn; a session that has had none is gone again. */
  Future<Void> release(OpenTurn turn) {
    return database.transactLightly(
        connection -> {
          if (Sql.update(connection, DROP_EMPTY, turn.sessionId(), turn.fence()) == 0) {
            Sql.update(connection, RELEASE, turn.sessionId(), turn.fence());
          }
          return null;
        });
  }

  /**
   * Extends the leases of turns that still run.
   *
   * @return those that are lost: expired and taken by another hub, or their session deleted
   */
  Future<List<OpenTurn>> extend(Collection<OpenTurn> turns) {
    // In one order everywhere, so that two transactions never wait for each other.
    List<OpenTurn> ordered = new ArrayList<>(turns);
    ordered.sort(Comparator.comparing(OpenTurn::sessionId));
    return database.transactLightly(
        connection -> {
          List<OpenTurn> lost = new ArrayList<>();
          for (OpenTurn turn : ordered) {
            if (Sql.update(
                    connection, EXTEND, options.leaseMs(), turn.sessionId(), turn.fence(), hubId)
                == 0) {
              lost.add(turn);
            }
          }
          return lost;
        });
  }

  /** Frees what other hubs hold; right only where none can be alive, see Database.exclusive. */
  Future<Integer> freeAll() {
    return database.transactLightly(connection -> Sql.update(connection, FREE_ALL, hubId));
  }

  /**
   * Forgets idle sessions. Several hubs may do so at once.
   *
   * @return how many, at most {@code limit}
   */
  Future<Integer> sweep(int limit) {
    long before = oldestKept(clock.millis());
    return database.transactLightly(
        connection -> Sql.update(connection, SWEEP, before, limit, before));
  }

  /** A session with its newest turns; empty when it is unknown, expired or has none. */
  Future<Optional<SessionView>> find(String id) {
    return database.transactLightly(
        connection -> {
          try (PreparedStatement statement = connection.prepareStatement(VIEW)) {
            statement.setFetchSize(FETCH);
            Sql.set(statement, id, oldestKept(clock.millis()), options.maxTurns());
            try (ResultSet row = statement.executeQuery()) {
              return view(id, row);
            }
          }
        });
  }

  private static Optional<SessionView> view(String id, ResultSet row) throws SQLException {
    List<SessionView.Turn> turns = new ArrayList<>();
    long created = 0;
    long updated = 0;
    long count = 0;
    long chars = 0;
    while (chars < VIEW_CHARS && row.next()) {
      created = row.getLong(1);
      updated = row.getLong(2);
      count = row.getLong(3);
      SessionView.Turn turn =
          new SessionView.Turn(
              row.getLong(4),
              row.getString(5),
              row.getString(6),
              row.getString(7),
              row.getString(8),
              new Usage(row.getInt(9), row.getInt(10), row.getBoolean(11)),
              row.getLong(12));
      turns.add(turn);
      chars += turn.message().length() + turn.answer().length();
    }
    if (turns.isEmpty()) {
      return Optional.empty();
    }
    Collections.reverse(turns);
    return Optional.of(new SessionView(id, created, updated, count, turns));
  }

  /** Deletes a session; a turn of it that runs cannot be committed any more. */
  Future<Boolean> delete(String id) {
    return database.transact(connection -> Sql.update(connection, DELETE, id) > 0);
  }

  private long oldestKept(long now) {
    return options.idleMinutes() == 0 ? Long.MIN_VALUE : now - options.idleMinutes() * 60_000L;
  }
}
