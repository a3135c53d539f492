package io.muster.hub.task;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.storage.Database;
import io.muster.task.TaskNews;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes of tasks, many in one transaction: while one is under way the next ones gather, so that
 * the fuller the hub's hands, the less each costs. Whoever asked hears of it after the commit, in
 * order. Used on the hub's event loop.
 */
final class GroupCommit {
  private static final Logger log = LoggerFactory.getLogger(GroupCommit.class);

  private final Database database;
  private final String hubId;
  private final RetryRule rule;
  private final Clock clock;
  private final int atOnce;
  private final Consumer<Runnable> soon;
  private final Consumer<List<TaskNews.Change>> committed;
  private List<Pending<?>> gathered = new ArrayList<>();
  private boolean scheduled;
  private boolean busy;
  private Promise<Void> idle;

  private record Pending<R>(Write<R> write, Promise<R> promise) {
    @SuppressWarnings("unchecked") // Batch puts what each kind of write promises.
    void complete(Object result) {
      promise.complete((R) result);
    }
  }

  /**
   * @param atOnce writes in one transaction
   * @param soon runs something on the same event loop, after what is scheduled already
   * @param committed is told what changed, before those who asked are
   */
  GroupCommit(
      Database database,
      String hubId,
      RetryRule rule,
      Clock clock,
      int atOnce,
      Consumer<Runnable> soon,
      Consumer<List<TaskNews.Change>> committed) {
    this.database = database;
    this.hubId = hubId;
    this.rule = rule;
    this.clock = clock;
    this.atOnce = atOnce;
    this.soon = soon;
    this.committed = committed;
  }

  /**
   * Writes it with the next transaction.
   *
   * @return what came of it, once it is committed; fails as {@link Database#transact} does
   */
  <R> Future<R> write(Write<R> write) {
    Promise<R> promise = Promise.promise();
    gathered.add(new Pending<>(write, promise));
    schedule();
    return promise.future();
  }

  /** Succeeds when everything that was asked for until now has been written, or has failed. */
  Future<Void> idle() {
    if (!busy && gathered.isEmpty()) {
      return Future.succeededFuture();
    }
    if (idle == null) {
      idle = Promise.promise();
    }
    return idle.future();
  }

  private void schedule() {
    if (!scheduled && !busy) {
      scheduled = true;
      soon.accept(this::flush);
    }
  }

  private void flush() {
    scheduled = false;
    if (busy || gathered.isEmpty()) {
      return;
    }
    List<Pending<?>> batch = gathered;
    if (batch.size() > atOnce) {
      gathered = new ArrayList<>(batch.subList(atOnce, batch.size()));
      batch = new ArrayList<>(batch.subList(0, atOnce));
    } else {
      gathered = new ArrayList<>();
    }
    busy = true;
    List<Pending<?>> writing = batch;
    run(writing)
        .onComplete(
            done -> {
              busy = false;
              if (gathered.isEmpty()) {
                if (idle != null) {
                  idle.complete();
                  idle = null;
                }
              } else {
                schedule();
              }
            });
  }

  /** Always succeeds; those who asked are told. */
  private Future<?> run(List<Pending<?>> batch) {
    List<Write<?>> writes = new ArrayList<>(batch.size());
    batch.forEach(pending -> writes.add(pending.write()));
    long now = clock.millis();
    return database
        .transact(connection -> new Batch(connection, hubId, rule, now).run(writes))
        .transform(
            done -> {
              if (done.succeeded()) {
                tell(batch, done.result());
                return Future.succeededFuture();
              }
              if (batch.size() > 1 && !isUnreachable(done.cause())) {
                // One of them is to blame: the others must not suffer for it.
                return oneByOne(batch, 0);
              }
              batch.forEach(pending -> pending.promise().fail(done.cause()));
              return Future.succeededFuture();
            });
  }

  private void tell(List<Pending<?>> batch, Batch.Done done) {
    try {
      committed.accept(done.changes());
    } catch (RuntimeException e) {
      // It is committed all the same, and those who asked must hear of it.
      log.error("what was committed of tasks is not followed up", e);
    }
    for (Pending<?> pending : batch) {
      pending.complete(done.results().get(pending.write()));
    }
  }

  private Future<?> oneByOne(List<Pending<?>> batch, int from) {
    if (from == batch.size()) {
      return Future.succeededFuture();
    }
    return run(List.of(batch.get(from))).compose(done -> oneByOne(batch, from + 1));
  }

  private static boolean isUnreachable(Throwable cause) {
    return cause instanceof FaultException fault && fault.fault().failure() == Failure.UNREACHABLE;
  }
}
