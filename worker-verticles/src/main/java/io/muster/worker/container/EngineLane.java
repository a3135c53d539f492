package io.muster.worker.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Threads and connections for one kind of calls to the engine, so that those that take long, or are
 * many, hold up none of another kind: least of all the question whether the engine is there.
 */
final class EngineLane {
  private static final long MARGIN_MS = 1_000;
  private static final long CLOSE_MS = 2_000;

  private final Vertx vertx;
  private final String socket;
  private final DockerClient client;
  private final WorkerExecutor threads;

  /**
   * @param socket {@code unix:///var/run/docker.sock}
   * @param silenceMs after which the engine is given up in the middle of a call, 0 for never
   * @param connections that may be open at once
   */
  EngineLane(
      Vertx vertx, String name, String socket, int threads, long silenceMs, int connections) {
    this.vertx = vertx;
    this.socket = socket;
    DockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(socket)
            .withDockerTlsVerify(false)
            .build();
    this.client =
        DockerClientImpl.getInstance(
            config,
            new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .connectionTimeout(Duration.ofSeconds(15))
                .responseTimeout(silenceMs == 0 ? null : Duration.ofMillis(silenceMs))
                .maxConnections(connections)
                .build());
    this.threads =
        vertx.createSharedWorkerExecutor(
            "muster-engine-" + name,
            threads,
            // No thread is to be taken for a blocked one that only waits for what it was told to.
            Math.max(60_000, silenceMs + 2 * MARGIN_MS),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Calls the engine.
   *
   * @param ms until it is given up; what was asked may be done later then
   * @return fails with {@link EngineAway} where the engine does not answer, with a {@link
   *     FaultException} where it refuses
   */
  <T> Future<T> call(long ms, Function<DockerClient, T> call) {
    return threads
        .executeBlocking(() -> call.apply(client), false)
        .timeout(ms + MARGIN_MS, TimeUnit.MILLISECONDS)
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  /**
   * Begins a stream, or fails it.
   *
   * @param begin hands it to the engine, and does not wait for what comes
   */
  void begin(EngineStream<?> stream, Function<DockerClient, ?> begin) {
    threads.executeBlocking(() -> begin.apply(client), false).onFailure(stream::onError);
  }

  /** To close a connection may take until the engine answers. */
  void end(EngineStream<?> stream) {
    threads.executeBlocking(
        () -> {
          stream.close();
          return null;
        },
        false);
  }

  /** Cuts off what is under way. */
  Future<Void> close() {
    return vertx
        .executeBlocking(
            () -> {
              client.close();
              return null;
            },
            false)
        .timeout(CLOSE_MS, TimeUnit.MILLISECONDS)
        .otherwiseEmpty()
        .compose(v -> threads.close());
  }

  /** What is said of a failed call: {@link EngineAway} or a {@link FaultException}. */
  RuntimeException failure(Throwable cause) {
    if (cause instanceof TimeoutException) {
      return new EngineAway("the container engine did not answer in time");
    }
    for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
      if (inner instanceof FaultException known) {
        return known;
      }
      if (inner instanceof DockerException refusal) {
        return new FaultException(failure(refusal.getHttpStatus()), message(refusal));
      }
      if (inner instanceof SocketTimeoutException) {
        return new EngineAway("the container engine did not answer in time");
      }
      if (inner instanceof IOException) {
        return new EngineAway(
            "no container engine answers at " + socket + ": " + inner.getMessage());
      }
    }
    return new FaultException(Failure.INTERNAL, "the container engine: " + cause);
  }

  private static Failure failure(int status) {
    return switch (status) {
      case 400 -> Failure.BAD_REQUEST;
      case 401, 403 -> Failure.FORBIDDEN;
      case 404 -> Failure.NOT_FOUND;
      case 409 -> Failure.CONFLICT;
      default -> Failure.PROVIDER_ERROR;
    };
  }

  /** The engine wraps what it says in JSON, and the library in {@code Status 404: }. */
  private static String message(DockerException refusal) {
    String said = String.valueOf(refusal.getMessage()).replaceFirst("^Status \\d+: ", "").strip();
    try {
      said = new JsonObject(said).getString("message", said);
    } catch (RuntimeException e) {
      // Then it is plain text.
    }
    return "the container engine: " + said;
  }
}
