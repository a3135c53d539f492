package io.muster.hub.storage;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Set;

/** What a failure of JDBC means to the hub. */
final class SqlFailure {
  /**
   * States after which the same transaction may well succeed: serialization failures and deadlocks,
   * a server that shuts down, starts or has no place left, lock time-outs of both databases, a row
   * that H2 saw changed under it (90131).
   */
  private static final Set<String> PASSING =
      Set.of(
          "40001", "40P01", "57P01", "57P02", "57P03", "57P05", "53300", "55P03", "HYT00", "25P03",
          "90131");

  /** The statement's time-out, of both databases: once more would take as long. */
  private static final String CANCELLED = "57014";

  private SqlFailure() {}

  /** The first SQLState in the chain of causes; never null. */
  static String state(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof SQLException e && e.getSQLState() != null) {
        return e.getSQLState();
      }
    }
    return "";
  }

  /** Whether trying the whole transaction again makes sense. */
  static boolean isPassing(Throwable cause) {
    String state = state(cause);
    if (state.startsWith("08") || PASSING.contains(state)) {
      return true;
    }
    // H2 has closed itself after a failed write; a new connection opens it again.
    if (cause instanceof SQLNonTransientConnectionException) {
      return true;
    }
    // HikariCP's own time-out while the server is away has no state of its own.
    return state.isEmpty() && cause instanceof SQLTransientException;
  }

  /**
   * What whoever asked gets to know. What the database says may hold data, so it stays in the log.
   */
  static FaultException asFault(Throwable cause) {
    if (cause instanceof FaultException fault) {
      return fault;
    }
    if (cause instanceof SQLException && isPassing(cause)) {
      return Fault.of(Failure.UNREACHABLE, "the database cannot be reached now", 1_000)
          .asException();
    }
    if (state(cause).equals(CANCELLED)) {
      return Fault.of(Failure.UNREACHABLE, "the database is too slow now", 1_000).asException();
    }
    return Fault.of(Failure.INTERNAL, "the database failed; the hub's log says why").asException();
  }
}
