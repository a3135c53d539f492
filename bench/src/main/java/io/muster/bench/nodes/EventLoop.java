package io.muster.bench.nodes;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Has the benchmark's one event loop do something, and waits for it on the calling thread. */
final class EventLoop {
  private static final long LIMIT_S = 90;

  private final Context context;

  EventLoop(Vertx vertx) {
    context = vertx.getOrCreateContext();
  }

  /**
   * Returns what the future brings.
   *
   * @throws IllegalStateException if it fails, or takes longer than 90 s
   */
  <T> T call(Supplier<Future<T>> action) throws InterruptedException {
    Promise<T> done = Promise.promise();
    context.runOnContext(
        v -> {
          try {
            action.get().onComplete(done);
          } catch (RuntimeException e) {
            done.tryFail(e);
          }
        });
    try {
      return done.future().toCompletionStage().toCompletableFuture().get(LIMIT_S, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("nothing came of it within " + LIMIT_S + " s", e);
    }
  }
}
