package io.muster.hub.identity;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.storage.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Decisions about nodes that come at the same time, many in one transaction: while one is under way
 * the next ones gather, so that a fleet which comes back at once does not wait for a commit a node.
 * Used on the hub's event loop.
 */
final class Decisions {
  private static final int AT_ONCE = 100;

  private final Database database;
  private final Admissions admissions;
  private final Clock clock;
  private List<Pending> gathered = new ArrayList<>();
  private boolean busy;

  private record Pending(Claim claim, Promise<Verdict> promise) {
    String nodeId() {
      return claim.nodeId();
    }
  }

  Decisions(Database database, Admissions admissions, Clock clock) {
    this.database = database;
    this.admissions = admissions;
    this.clock = clock;
  }

  /**
   * Decides with the next transaction.
   *
   * @return the verdict, once it is committed; fails as {@link Database#transact} does
   */
  Future<Verdict> decide(Claim claim) {
    Promise<Verdict> promise = Promise.promise();
    gathered.add(new Pending(claim, promise));
    flush();
    return promise.future();
  }

  private void flush() {
    if (busy || gathered.isEmpty()) {
      return;
    }
    int count = Math.min(AT_ONCE, gathered.size());
    List<Pending> batch = new ArrayList<>(gathered.subList(0, count));
    gathered = new ArrayList<>(gathered.subList(count, gathered.size()));
    // Another hub may lock the same rows: both do it in one order.
    batch.sort(Comparator.comparing(Pending::nodeId));
    busy = true;
    run(batch)
        .onComplete(
            done -> {
              busy = false;
              flush();
            });
  }

  /** Always succeeds; those who asked are told. */
  private Future<?> run(List<Pending> batch) {
    return database
        .transact(
            connection -> {
              List<Verdict> verdicts = new ArrayList<>(batch.size());
              for (Pending pending : batch) {
                verdicts.add(admissions.decide(connection, pending.claim(), clock.millis()));
              }
              return verdicts;
            })
        .transform(
            done -> {
              if (done.succeeded()) {
                for (int i = 0; i < batch.size(); i++) {
                  batch.get(i).promise().complete(done.result().get(i));
                }
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

  private Future<?> oneByOne(List<Pending> batch, int from) {
    return from == batch.size()
        ? Future.succeededFuture()
        : run(List.of(batch.get(from))).compose(done -> oneByOne(batch, from + 1));
  }

  private static boolean isUnreachable(Throwable cause) {
    return cause instanceof FaultException fault && fault.fault().failure() == Failure.UNREACHABLE;
  }
}
