package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider and the models it had when last looked at. What cannot be listed once keeps its
 * models; the second time in a row they are gone, until it answers again.
 */
final class ModelSource {
  private static final Logger log = LoggerFactory.getLogger(ModelSource.class);

  private static final int FAILURES_UNTIL_GONE = 2;
  private static final long FIRST_RETRY_MS = 1_000;

  /** A provider that is looked for on the same machine may start any time. */
  private static final long DETECT_MS = 5_000;

  private final Vertx vertx;
  private final Provider provider;
  private final boolean configured;
  private final long refreshMs;
  private final Runnable changed;

  private List<ModelInfo> models = List.of();
  private Fault problem;
  private int failures;
  private boolean looked;
  private boolean looking;
  private boolean doubted;
  private boolean closed;
  private long timer = -1;

  ModelSource(
      Vertx vertx,
      Provider provider,
      boolean configured,
      Providers.Options options,
      Runnable changed) {
    this.vertx = vertx;
    this.provider = provider;
    this.configured = configured;
    this.refreshMs = options.refreshMs();
    this.changed = changed;
  }

  String name() {
    return provider.name();
  }

  boolean isOf(Provider other) {
    return provider == other;
  }

  boolean configured() {
    return configured;
  }

  /** Whether it has been looked at, with whatever result. */
  boolean looked() {
    return looked;
  }

  List<ModelInfo> models() {
    return models;
  }

  /** Whether it is to be heard of: a server that was only looked for may just not be there. */
  boolean shows() {
    return configured || (looked && problem == null);
  }

  Providers.Status status() {
    return new Providers.Status(name(), models.size(), problem == null ? null : problem.message());
  }

  ProviderCall call(Job job, Answer answer) {
    return provider.call(job, new Providers.Watching(this, answer));
  }

  /** Looks for the first time and then goes on looking; done after the first look, never fails. */
  Future<Void> start() {
    Promise<Void> first = Promise.promise();
    look(first);
    return first.future();
  }

  /** Something went wrong with it: looks again soon. */
  void doubt() {
    if (!looking && !doubted && failures == 0) {
      doubted = true;
      schedule(Math.min(FIRST_RETRY_MS, refreshMs));
    }
  }

  Future<Void> close() {
    closed = true;
    cancel();
    return provider.close();
  }

  private void look(Promise<Void> then) {
    looking = true;
    doubted = false;
    provider
        .models()
        .onComplete(
            result -> {
              looking = false;
              if (!closed) {
                looked(result);
              }
              then.tryComplete();
            });
  }

  private void looked(AsyncResult<List<ModelInfo>> result) {
    looked = true;
    if (result.succeeded()) {
      if (problem != null || failures > 0) {
        log.info("{} is back with {} models", name(), result.result().size());
      }
      failures = 0;
      problem = null;
      models = List.copyOf(result.result());
      schedule(refreshMs);
    } else {
      failures++;
      Fault fault = Fault.from(result.cause());
      if (configured && (problem == null || !problem.message().equals(fault.message()))) {
        log.warn("the models of {} cannot be listed: {}", name(), fault.message());
      }
      problem = fault;
      if (failures >= FAILURES_UNTIL_GONE || fault.failure() == Failure.PROVIDER_AUTH) {
        models = List.of();
      }
      schedule(retryMs());
    }
    changed.run();
  }

  private long retryMs() {
    if (!configured) {
      return Math.min(refreshMs, DETECT_MS);
    }
    return Math.min(refreshMs, FIRST_RETRY_MS << Math.min(10, failures - 1));
  }

  private void schedule(long ms) {
    cancel();
    if (!closed) {
      timer = vertx.setTimer(Math.max(1, ms), id -> look(Promise.promise()));
    }
  }

  private void cancel() {
    if (timer != -1) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }
}
