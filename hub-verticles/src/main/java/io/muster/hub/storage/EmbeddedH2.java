package io.muster.hub.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbcx.JdbcConnectionPool;
import org.h2.jdbcx.JdbcDataSource;
import org.h2.mvstore.MVStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The embedded database, one file in the hub's data folder, which one hub has open at a time.
 *
 * <p>Durability, read in H2's source and tried: with {@code WRITE_DELAY=0} a commit is written to
 * the file before it returns, so the process may be killed at any moment; with any delay it is
 * written by a thread later. H2 never forces the file to the disk by itself: {@link #sync} does,
 * once for all who wait for it.
 */
final class EmbeddedH2 implements Engine {
  private static final Logger log = LoggerFactory.getLogger(EmbeddedH2.class);

  /** What another process or this one says that has the file open: H2's DATABASE_ALREADY_OPEN_1. */
  private static final int ALREADY_OPEN = 90020;

  private static final int WRONG_FORMAT = 90048;
  private static final int FILE_CORRUPTED = 90030;

  /**
   * How long superseded parts of the file are not overwritten, in milliseconds. They must outlast
   * the time until what superseded them is forced to the disk, half a second here.
   */
  private static final int RETENTION_MS = 3_000;

  private static final int COMPACT_BELOW_PERCENT = 60;
  private static final int COMPACT_AT_ONCE = 16 << 20;

  private final Path file;
  private final JdbcConnectionPool pool;
  private final AtomicLong asked = new AtomicLong();
  private final ReentrantLock syncing = new ReentrantLock();
  private final JdbcDataSource source;
  private Connection own;
  private long synced;

  EmbeddedH2(DatabaseOptions options) {
    this(options, "file", RETENTION_MS);
  }

  /**
   * @param fileSystem H2's name of what the file is written through
   */
  EmbeddedH2(DatabaseOptions options, String fileSystem, int retentionMs) {
    Path folder = options.dataDir().toAbsolutePath().normalize();
    if (folder.toString().indexOf(';') >= 0) {
      throw new DatabaseUnavailable("DATA_DIR: the path must not hold a semicolon: " + folder);
    }
    makeFolder(folder);
    this.file = folder.resolve("hub.mv.db");
    this.source = new JdbcDataSource();
    source.setURL(
        "jdbc:h2:"
            + fileSystem
            + ":"
            + folder.resolve("hub")
            + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH"
            + ";WRITE_DELAY=0"
            + ";RETENTION_TIME="
            + retentionMs
            // The hub closes it; H2's shutdown hook would do so under the last requests.
            + ";DB_CLOSE_DELAY=-1;DB_CLOSE_ON_EXIT=FALSE"
            + ";LOCK_TIMEOUT="
            + options.timeoutMs()
            + ";QUERY_TIMEOUT="
            + options.timeoutMs()
            // Turns are read whole and often: texts up to this size lie in their row.
            + ";MAX_LENGTH_INPLACE_LOB=32768"
            + ";QUERY_CACHE_SIZE=64"
            // No .trace.db file beside the database.
            + ";TRACE_LEVEL_FILE=0;TRACE_LEVEL_SYSTEM_OUT=0");
    source.setUser("sa");
    source.setPassword("");
    this.pool = JdbcConnectionPool.create(source);
    pool.setMaxConnections(options.poolSize() + 1);
  }

  /** Conversations lie in it, so a folder that is made here is for its owner alone. */
  private static void makeFolder(Path folder) {
    if (Files.isDirectory(folder) && Files.isWritable(folder)) {
      return;
    }
    try {
      if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      } else {
        Files.createDirectories(folder);
      }
    } catch (IOException e) {
      throw new DatabaseUnavailable("DATA_DIR: cannot make the folder " + folder, e);
    }
    if (!Files.isWritable(folder)) {
      throw new DatabaseUnavailable("DATA_DIR: this process may not write into " + folder);
    }
  }

  @Override
  public String describe() {
    return "H2 in " + file;
  }

  @Override
  public DataSource connections() {
    return pool;
  }

  @Override
  public boolean exclusive() {
    return true;
  }

  @Override
  public void sync() throws SQLException {
    long mine = asked.incrementAndGet();
    syncing.lock();
    try {
      if (synced >= mine) {
        return;
      }
      // Whoever asked before now has committed before now.
      long upTo = asked.get();
      force();
      synced = upTo;
    } finally {
      syncing.unlock();
    }
  }

  private void force() throws SQLException {
    if (own != null) {
      try {
        checkpoint();
        return;
      } catch (SQLException e) {
        // H2 closes itself when a write fails, and opens again with the next new connection. What
        // was committed is in the file, so that only the forcing has to be done again.
        own = null;
      }
    }
    own = source.getConnection();
    checkpoint();
  }

  private void checkpoint() throws SQLException {
    try (Statement statement = own.createStatement()) {
      statement.execute("CHECKPOINT SYNC");
    }
  }

  /**
   * Rewrites chunks of the file that hold little live data, so that it stops growing. H2's own
   * thread for this runs only with a write delay, and there is no SQL for it while the database is
   * open.
   */
  @Override
  public void maintain() throws SQLException {
    try (Connection connection = source.getConnection()) {
      SessionLocal session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
      MVStore store = session.getDatabase().getStore().getMvStore();
      long began = System.nanoTime();
      if (store.compact(COMPACT_BELOW_PERCENT, COMPACT_AT_ONCE)) {
        log.debug("compacted the database in {} µs", (System.nanoTime() - began) / 1000);
      }
    }
  }

  @Override
  public DatabaseUnavailable explain(SQLException cause) {
    return switch (cause.getErrorCode()) {
      case ALREADY_OPEN ->
          new DatabaseUnavailable(
              "DATA_DIR: another hub has the database "
                  + file
                  + " open; give each hub a DATA_DIR of its own, or several hubs one DATABASE_URL");
      case WRONG_FORMAT, FILE_CORRUPTED ->
          new DatabaseUnavailable(
              "DATA_DIR: the database " + file + " is damaged or of another version of H2", cause);
      default ->
          new DatabaseUnavailable("DATA_DIR: the database " + file + " cannot be opened", cause);
    };
  }

  @Override
  public void close() {
    try (Connection connection = source.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SHUTDOWN");
    } catch (SQLException e) {
      log.warn("the embedded database was not closed in order; nothing acknowledged is lost", e);
    }
    pool.dispose();
  }

  @Override
  public void discard() {
    pool.dispose();
  }
}
