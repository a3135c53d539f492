package io.muster.worker.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.PortMapping;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The local Docker engine, through its Unix socket. Its calls run on threads of their own. */
final class DockerEngine implements Engine {
  private static final int THREADS = 8;

  private final Vertx vertx;
  private final WorkerExecutor threads;
  private final Options options;
  private final ContainerCreation creation;

  /** For calls that answer soon; it gives up a silent engine. */
  private final DockerClient client;

  /** For what may be silent for long: streams, pulls, stops. */
  private final DockerClient patient;

  /**
   * @param socket {@code unix:///var/run/docker.sock}
   * @param timeoutMs for an answer
   * @param maxStreams that may be open at once
   */
  record Options(String socket, long timeoutMs, long pullTimeoutMs, int maxStreams) {}

  DockerEngine(Vertx vertx, Options options, ContainerCreation creation) {
    this.vertx = vertx;
    this.options = options;
    this.creation = creation;
    this.threads = vertx.createSharedWorkerExecutor("muster-containers", THREADS);
    this.client = client(Duration.ofMillis(options.timeoutMs()), THREADS);
    this.patient = client(null, options.maxStreams() * 2 + THREADS * 4);
  }

  private DockerClient client(Duration responseTimeout, int connections) {
    DockerClientConfig config =
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(options.socket())
            .withDockerTlsVerify(false)
            .build();
    return DockerClientImpl.getInstance(
        config,
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(config.getDockerHost())
            .connectionTimeout(Duration.ofMillis(options.timeoutMs()))
            .responseTimeout(responseTimeout)
            .maxConnections(connections)
            .build());
  }

  @Override
  public Future<Facts> facts() {
    return call(
        () -> {
          Info info = client.infoCmd().exec();
          return new Facts(
              info.getServerVersion(),
              info.getMemTotal() == null ? 0 : info.getMemTotal(),
              info.getNCPU() == null ? 0 : info.getNCPU());
        });
  }

  @Override
  public Future<List<Seen>> list() {
    return call(
        () -> {
          List<Seen> seen = new ArrayList<>();
          for (Container container :
              client
                  .listContainersCmd()
                  .withShowAll(true)
                  .withLabelFilter(List.of(Labels.CLAIM))
                  .exec()) {
            seen.add(seen(container));
          }
          return seen;
        });
  }

  private static Seen seen(Container container) {
    List<PortMapping> ports = new ArrayList<>();
    if (container.getPorts() != null) {
      for (var port : container.getPorts()) {
        if (port.getPublicPort() != null && port.getPrivatePort() != null) {
          ports.add(
              new PortMapping(
                  port.getIp(), port.getPublicPort(), port.getPrivatePort(), port.getType()));
        }
      }
    }
    String state = container.getState();
    return new Seen(
        container.getId(),
        "running".equals(state) || "paused".equals(state) || "restarting".equals(state),
        "created".equals(state),
        ports,
        container.getLabels() == null ? Map.of() : container.getLabels());
  }

  @Override
  public Future<Condition> condition(String id) {
    return call(
        () -> {
          InspectContainerResponse.ContainerState state =
              client.inspectContainerCmd(id).exec().getState();
          Long code = state.getExitCodeLong();
          return new Condition(
              Boolean.TRUE.equals(state.getRunning()),
              code == null ? 0 : code.intValue(),
              Boolean.TRUE.equals(state.getOOMKilled()),
              time(state.getStartedAt()),
              time(state.getFinishedAt()));
        });
  }

  private static long time(String text) {
    if (text == null || text.startsWith("0001")) {
      return 0;
    }
    try {
      return Instant.parse(text).toEpochMilli();
    } catch (DateTimeParseException e) {
      return 0;
    }
  }

  @Override
  public Future<Boolean> hasImage(String image) {
    return call(
        () -> {
          try {
            client.inspectImageCmd(image).exec();
            return true;
          } catch (NotFoundException e) {
            return false;
          }
        });
  }

  @Override
  public Future<Void> pull(String image, Consumer<JsonObject> progress) {
    var context = vertx.getOrCreateContext();
    var pulling =
        new ResultCallback.Adapter<PullResponseItem>() {
          @Override
          public void onNext(PullResponseItem item) {
            JsonObject told = new JsonObject().put("status", item.getStatus());
            if (item.getId() != null) {
              told.put("layer", item.getId());
            }
            if (item.getProgressDetail() != null && item.getProgressDetail().getTotal() != null) {
              told.put("current", item.getProgressDetail().getCurrent());
              told.put("total", item.getProgressDetail().getTotal());
            }
            String error =
                item.getErrorDetail() == null ? null : item.getErrorDetail().getMessage();
            if (error != null) {
              // The adapter takes no notice of an error within the stream.
              onError(new DockerException(error, 500));
              return;
            }
            context.runOnContext(v -> progress.accept(told));
          }
        };
    // A name without a tag would fetch every tag that there is.
    String name =
        image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/')
            ? image
            : image + ":latest";
    return within(
            options.pullTimeoutMs(),
            () -> {
              patient.pullImageCmd(name).exec(pulling).awaitCompletion();
              return null;
            })
        .onFailure(cause -> close(pulling))
        .mapEmpty();
  }

  private static void close(AutoCloseable open) {
    try {
      open.close();
    } catch (Exception e) {
      // It is over either way.
    }
  }

  @Override
  public Future<String> create(
      String name, ContainerSpec spec, List<Integer> gpuIds, Map<String, String> labels) {
    return call(() -> creation.command(client, name, spec, gpuIds, labels).exec().getId());
  }

  @Override
  public Future<Void> start(String id) {
    return call(
        () -> {
          try {
            client.startContainerCmd(id).exec();
          } catch (NotModifiedException e) {
            // It runs.
          }
          return null;
        });
  }

  @Override
  public Future<Void> stop(String id, int graceSeconds) {
    return within(
        graceSeconds * 1_000L + options.timeoutMs(),
        () -> {
          try {
            patient.stopContainerCmd(id).withTimeout(graceSeconds).exec();
          } catch (NotModifiedException e) {
            // It does not run.
          }
          return null;
        });
  }

  @Override
  public Future<Void> remove(String id) {
    return within(
        options.timeoutMs() * 2,
        () -> {
          try {
            patient.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
          } catch (NotFoundException e) {
            // It is gone.
          }
          return null;
        });
  }

  @Override
  public Future<JsonObject> inspect(String id) {
    return call(() -> EngineJson.inspected(client.inspectContainerCmd(id).exec()));
  }

  @Override
  public Future<JsonObject> stats(String id) {
    return call(
        () -> {
          var one =
              new ResultCallback.Adapter<Statistics>() {
                private volatile Statistics statistics;

                @Override
                public void onNext(Statistics told) {
                  statistics = told;
                }
              };
          client.statsCmd(id).withNoStream(true).exec(one).awaitCompletion();
          return EngineJson.stats(one.statistics);
        });
  }

  @Override
  public Runnable follow(String id, int tail, boolean follow, LineSink sink) {
    LogLines lines = new LogLines(sink);
    var command =
        patient.logContainerCmd(id).withStdOut(true).withStdErr(true).withFollowStream(follow);
    if (tail < 0) {
      command.withTailAll();
    } else {
      command.withTail(tail);
    }
    threads
        .executeBlocking(() -> command.exec(lines), false)
        .onFailure(cause -> lines.onError(cause));
    return () -> aside(lines);
  }

  @Override
  public Runnable watch(Runnable changed, Runnable ended) {
    var context = vertx.getOrCreateContext();
    var watching =
        new ResultCallback.Adapter<com.github.dockerjava.api.model.Event>() {
          @Override
          public void onNext(com.github.dockerjava.api.model.Event event) {
            context.runOnContext(v -> changed.run());
          }

          /** Not the library's own way, which logs an error with its trace. */
          @Override
          public void onError(Throwable cause) {
            DockerEngine.close(this);
            context.runOnContext(v -> ended.run());
          }

          @Override
          public void onComplete() {
            super.onComplete();
            context.runOnContext(v -> ended.run());
          }
        };
    threads
        .executeBlocking(
            () ->
                patient
                    .eventsCmd()
                    .withLabelFilter(Labels.CLAIM)
                    .withEventTypeFilter("container")
                    .withEventFilter("start", "die", "oom", "destroy", "stop")
                    .exec(watching),
            false)
        .onFailure(cause -> ended.run());
    return () -> aside(watching);
  }

  /** To close a connection may take until the engine answers. */
  private void aside(AutoCloseable open) {
    threads.executeBlocking(
        () -> {
          close(open);
          return null;
        },
        false);
  }

  @Override
  public Future<Void> close() {
    return threads
        .executeBlocking(
            () -> {
              close(client);
              close(patient);
              return null;
            },
            false)
        .timeout(2, TimeUnit.SECONDS)
        .otherwiseEmpty()
        .compose(v -> threads.close());
  }

  private <T> Future<T> call(Callable<T> call) {
    return within(options.timeoutMs() + 1_000, call);
  }

  private <T> Future<T> within(long ms, Callable<T> call) {
    return threads
        .executeBlocking(call, false)
        .timeout(ms, TimeUnit.MILLISECONDS)
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  private RuntimeException failure(Throwable cause) {
    if (cause instanceof TimeoutException) {
      return new EngineAway("the container engine did not answer in time");
    }
    for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
      if (inner instanceof DockerException refusal) {
        return new FaultException(failure(refusal.getHttpStatus()), message(refusal));
      }
      if (inner instanceof java.net.SocketTimeoutException) {
        return new EngineAway("the container engine did not answer in time");
      }
      if (inner instanceof IOException) {
        return new EngineAway(
            "no container engine answers at " + options.socket() + ": " + inner.getMessage());
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
