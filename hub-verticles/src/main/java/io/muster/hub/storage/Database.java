package io.muster.hub.storage;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's database: H2 in a file, or PostgreSQL. A transaction is a function that runs on a
 * thread and a connection of its own; its result comes back on the caller's context.
 *
 * <p>This is plain JDBC and not vertx-jdbc-client, which was looked at in 5.0.10 and is unfit: a
 * transaction is a trip to a worker and back for begin, every statement and commit; after a
 * transaction {@code JDBCTxOp} leaves the connection out of auto-commit, so that a later plain
 * statement on it is never committed; its own pool, on top of the data source's, takes every
 * connection as valid, so one that a restart of PostgreSQL has broken is handed out again; and it
 * asks for generated keys and parameter metadata, which costs PostgreSQL round trips.
 */
public final class Database {
  private static final Logger log = LoggerFactory.getLogger(Database.class);

  private static final int QUEUE = 10_000;
  private static final int PING_TIMEOUT_MS = 2_000;
  private static final int SYNC_EVERY_MS = 500;
  private static final int MAINTAIN_EVERY_MS = 10_000;
  private static final int FIRST_PAUSE_MS = 10;
  private static final int LONGEST_PAUSE_MS = 500;
  private static final long TELL_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * What is done in a transaction; it may run more than once, and blocks only on the connection.
   */
  @FunctionalInterface
  public interface Work<T> {
    /**
     * Runs on a database thread, with auto-commit off. A {@link FaultException} rolls back and
     * reaches the caller as it is.
     */
    T run(Connection connection) throws SQLException;
  }

  private final Vertx vertx;
  private final Engine engine;
  private final DatabaseOptions options;
  private final ThreadPoolExecutor threads;
  private final AtomicBoolean used = new AtomicBoolean();
  private final AtomicBoolean unsynced = new AtomicBoolean();
  private final List<Long> timers = new ArrayList<>();
  private final AtomicLong told = new AtomicLong(System.nanoTime() - TELL_EVERY_NANOS - 1);

  private Database(Vertx vertx, DatabaseOptions options) {
    this.vertx = vertx;
    this.options = options;
    this.engine = options.embedded() ? new EmbeddedH2(options) : new Postgres(options);
    AtomicInteger number = new AtomicInteger();
    // Not a Vert.x worker pool: closing one interrupts its threads, and an interrupt in the middle
    // of a write closes H2's file.
    this.threads =
        new ThreadPoolExecutor(
            options.poolSize(),
            options.poolSize(),
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(QUEUE),
            task -> {
              Thread thread = new Thread(task, "muster-db-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Opens the database and brings its tables up to date, on threads of its own.
   *
   * @return fails with {@link DatabaseUnavailable} when a person has to do something; a PostgreSQL
   *     that does not answer yet is waited for, as long as the options say
   */
  public static Future<Database> open(Vertx vertx, DatabaseOptions options) {
    Context context = vertx.getOrCreateContext();
    Promise<Database> promise = Promise.promise();
    Thread opener =
        new Thread(
            () -> {
              try {
                Database database = new Database(vertx, options);
                database.prepare();
                context.runOnContext(v -> promise.complete(database));
              } catch (Throwable e) {
                context.runOnContext(v -> promise.fail(e));
              }
            },
            "muster-db-open");
    opener.setDaemon(true);
    opener.start();
    return promise.future();
  }

  private void prepare() {
    long began = System.nanoTime();
    try {
      connectFirst(began);
    } catch (RuntimeException e) {
      threads.shutdown();
      engine.discard();
      throw e;
    }
    try {
      int applied = Migrations.apply(engine.connections());
      log.info(
          "{} is open after {} ms, {} migrations applied",
          engine.describe(),
          (System.nanoTime() - began) / 1_000_000,
          applied);
    } catch (FlywayException e) {
      threads.shutdown();
      engine.close();
      throw new DatabaseUnavailable(
          engine.describe() + ": its tables cannot be brought up to date: " + e.getMessage(), e);
    }
    timers.add(vertx.setPeriodic(SYNC_EVERY_MS, id -> background(unsynced, engine::sync)));
    timers.add(vertx.setPeriodic(MAINTAIN_EVERY_MS, id -> background(used, engine::maintain)));
  }

  private void connectFirst(long began) {
    long deadline = began + TimeUnit.MILLISECONDS.toNanos(options.startTimeoutMs());
    boolean told = false;
    while (true) {
      try (Connection connection = engine.connections().getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
        return;
      } catch (SQLException e) {
        DatabaseUnavailable reason = engine.explain(e);
        if (reason != null) {
          throw reason;
        }
        if (System.nanoTime() > deadline) {
          throw new DatabaseUnavailable(
              "%s cannot be reached for %d s"
                  .formatted(engine.describe(), options.startTimeoutMs() / 1000),
              e);
        }
        if (!told) {
          log.warn("{} cannot be reached yet, waiting for it", engine.describe());
          told = true;
        }
        pause(LONGEST_PAUSE_MS);
      }
    }
  }

  private static void pause(int ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatabaseUnavailable("interrupted while the database was opened");
    }
  }

  /** For people: the make and the place, without a secret. */
  public String describe() {
    return engine.describe();
  }

  /** Whether no other hub can have this database open. */
  public boolean exclusive() {
    return engine.exclusive();
  }

  /**
   * Runs a transaction. When the future succeeds, it is committed and survives the death of the
   * process and a power failure.
   *
   * @return fails with a {@link FaultException}: {@link Failure#UNREACHABLE} when the database
   *     could not be reached within the time-out, whatever {@code work} threw, else {@link
   *     Failure#INTERNAL}
   */
  public <T> Future<T> transact(Work<T> work) {
    return submit(work, true);
  }

  /**
   * The same for what may be read again or told again: a power failure within the next half second
   * may undo it, the death of the process does not. Also for reading.
   */
  public <T> Future<T> transactLightly(Work<T> work) {
    return submit(work, false);
  }

  /** Succeeds when the database answers within two seconds. */
  public Future<Void> ping() {
    Future<Void> answer =
        submitOnce(
            connection -> {
              try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT 1");
              }
              return null;
            });
    return answer
        .timeout(PING_TIMEOUT_MS, TimeUnit.MILLISECONDS)
        .recover(
            e ->
                Future.failedFuture(
                    Fault.of(Failure.UNREACHABLE, "the database cannot be reached now", 1_000)
                        .asException()));
  }

  /** Ends what runs, then closes the connections and the file. */
  public Future<Void> close() {
    timers.forEach(vertx::cancelTimer);
    Promise<Void> promise = Promise.promise();
    Context context = vertx.getOrCreateContext();
    Thread closer =
        new Thread(
            () -> {
              threads.shutdown();
              try {
                if (!threads.awaitTermination(options.timeoutMs(), TimeUnit.MILLISECONDS)) {
                  log.warn("transactions still run while the database is closed");
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              engine.close();
              context.runOnContext(v -> promise.complete());
            },
            "muster-db-close");
    // Not a daemon: the file is closed in order even when the process is on its way out.
    closer.start();
    return promise.future();
  }

  private <T> Future<T> submit(Work<T> work, boolean durable) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(options.timeoutMs());
    return new Attempt<>(work, durable, deadline).start();
  }

  private <T> Future<T> submitOnce(Work<T> work) {
    return new Attempt<>(work, false, System.nanoTime()).start();
  }

  /** House-keeping of the engine. */
  private interface Chore {
    void run() throws SQLException;
  }

  private void background(AtomicBoolean due, Chore chore) {
    if (!due.getAndSet(false)) {
      return;
    }
    try {
      threads.execute(
          () -> {
            try {
              chore.run();
            } catch (SQLException | RuntimeException e) {
              log.warn("the database's house-keeping failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      log.debug("no room for house-keeping of the database now");
    }
  }

  private <T> T runOnce(Work<T> work, boolean durable) throws SQLException {
    T result;
    try (Connection connection = engine.connections().getConnection()) {
      if (connection.getAutoCommit()) {
        connection.setAutoCommit(false);
      }
      try {
        result = work.run(connection);
        connection.commit();
      } catch (Throwable e) {
        rollBack(connection, e);
        throw e;
      }
    }
    if (durable) {
      engine.sync();
    } else {
      unsynced.lazySet(true);
    }
    used.lazySet(true);
    return result;
  }

  private static void rollBack(Connection connection, Throwable cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // The connection is gone, and with it the transaction.
      cause.addSuppressed(e);
    }
  }

  /** One transaction with its tries. */
  private final class Attempt<T> {
    private final Work<T> work;
    private final boolean durable;
    private final long deadline;
    private final Context context = vertx.getOrCreateContext();
    private final Promise<T> promise = Promise.promise();
    private int pauseMs = FIRST_PAUSE_MS;

    Attempt(Work<T> work, boolean durable, long deadline) {
      this.work = work;
      this.durable = durable;
      this.deadline = deadline;
    }

    Future<T> start() {
      enqueue();
      return promise.future();
    }

    private void enqueue() {
      try {
        threads.execute(this::run);
      } catch (RejectedExecutionException e) {
        String reason =
            threads.isShutdown() ? "the database is closed" : "the database is overloaded";
        promise.fail(Fault.of(Failure.UNREACHABLE, reason, 1_000).asException());
      }
    }

    private void run() {
      try {
        T result = runOnce(work, durable);
        context.runOnContext(v -> promise.complete(result));
      } catch (Throwable e) {
        context.runOnContext(v -> failed(e));
      }
    }

    private void failed(Throwable cause) {
      long pauseNanos = TimeUnit.MILLISECONDS.toNanos(pauseMs);
      if (SqlFailure.isPassing(cause) && System.nanoTime() + pauseNanos < deadline) {
        log.debug("a transaction failed and is tried again in {} ms", pauseMs, cause);
        int jitter = ThreadLocalRandom.current().nextInt(pauseMs);
        vertx.setTimer(pauseMs + (long) jitter, id -> enqueue());
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
        return;
      }
      tell(cause);
      promise.fail(SqlFailure.asFault(cause));
    }

    private void tell(Throwable cause) {
      if (SqlFailure.isPassing(cause)) {
        long now = System.nanoTime();
        long before = told.get();
        if (now - before > TELL_EVERY_NANOS && told.compareAndSet(before, now)) {
          log.warn("{} cannot be reached: {}", engine.describe(), cause.getMessage());
        }
      } else if (!(cause instanceof FaultException)) {
        log.error("a transaction failed", cause);
      }
    }
  }
}
