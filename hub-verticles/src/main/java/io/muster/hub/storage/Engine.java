package io.muster.hub.storage;

import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * One make of database behind {@link Database}. Its methods block: they run on database threads.
 */
sealed interface Engine permits EmbeddedH2, Postgres {
  /** For people; holds no secret. */
  String describe();

  /** Pooled connections. */
  DataSource connections();

  /** Whether no other process can have this database open. */
  boolean exclusive();

  /**
   * Returns when everything committed before this call also survives a power failure. Surviving the
   * process' own death needs no call.
   *
   * @throws SQLException when the disk refuses
   */
  void sync() throws SQLException;

  /**
   * House-keeping that the database does not do by itself; called every few seconds while it is
   * used.
   */
  void maintain() throws SQLException;

  /** What a person can do about a failure to open; null when waiting may help. */
  DatabaseUnavailable explain(SQLException cause);

  /** Closes connections and files in order. */
  void close();

  /** Lets go of what could never be opened. */
  void discard();
}
