package io.muster.runtime.health;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A check that waits for something outside, such as a database or a disk. However often it is
 * asked, only one look is under way, its answer serves for a moment, and one that does not come in
 * time counts as a failure: health is read without authentication, so it must not become load.
 */
public final class SlowCheck implements HealthCheck {
  private static final Logger log = LoggerFactory.getLogger(SlowCheck.class);

  private final Vertx vertx;
  private final String name;
  private final Duration timeout;
  private final Duration reuse;
  private final Supplier<Future<Finding>> look;

  /** What is under way, or was found last. */
  private Future<Finding> current;

  private boolean reusable;

  /**
   * @param timeout how long to wait for an answer
   * @param reuse how long an answer serves those who ask again
   */
  public SlowCheck(
      Vertx vertx, String name, Duration timeout, Duration reuse, Supplier<Future<Finding>> look) {
    this.vertx = vertx;
    this.name = name;
    this.timeout = timeout;
    this.reuse = reuse;
    this.look = look;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Finding> find() {
    if (current == null || (current.isComplete() && !reusable)) {
      current = begin();
    }
    return inTime(current);
  }

  private Future<Finding> begin() {
    Future<Finding> looking;
    try {
      looking = look.get();
    } catch (RuntimeException e) {
      looking = Future.failedFuture(e);
    }
    reusable = true;
    // The cause may name hosts, and the report is public: it goes to the log.
    return looking
        .otherwise(
            cause -> {
              log.warn("health check {} failed: {}", name, cause.toString());
              return Finding.unhealthy("failed: " + cause.getClass().getSimpleName());
            })
        .onComplete(done -> vertx.setTimer(Math.max(1, reuse.toMillis()), t -> reusable = false));
  }

  private Future<Finding> inTime(Future<Finding> looking) {
    if (looking.isComplete()) {
      return looking;
    }
    Promise<Finding> promise = Promise.promise();
    long timer =
        vertx.setTimer(
            timeout.toMillis(),
            t -> promise.tryComplete(Finding.unhealthy("no answer in " + seconds(timeout))));
    looking.onSuccess(
        finding -> {
          vertx.cancelTimer(timer);
          promise.tryComplete(finding);
        });
    return promise.future();
  }

  private static String seconds(Duration duration) {
    return duration.toMillis() / 1000.0 + " s";
  }
}
