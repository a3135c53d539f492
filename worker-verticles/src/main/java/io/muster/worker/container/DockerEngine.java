package io.muster.worker.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Info;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.Statistics;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.PortMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The local Docker engine, through its Unix socket. Its calls run on threads of their own. */
final class DockerEngine implements Engine {
  private final Vertx vertx;
  private final Options options;
  private final ContainerCreation creation;

  /** How the engine and its containers are: what everything else rests upon. */
  private final EngineLane looks;

  /** What brings a container about. */
  private final EngineLane steps;

  /** What ends one, which takes as long as it is given. */
  private final EngineLane ends;

  /** What people ask, who may be many. */
  private final EngineLane asked;

  private final EngineLane streams;

  /**
   * @param socket {@code unix:///var/run/docker.sock}
   * @param timeoutMs for an answer
   * @param maxStreams that may be open at once, of output and of fetched images
   */
  record Options(String socket, long timeoutMs, long pullTimeoutMs, int maxStreams) {}

  DockerEngine(Vertx vertx, Options options, ContainerCreation creation) {
    this.vertx = vertx;
    this.options = options;
    this.creation = creation;
    long silenceMs = options.timeoutMs();
    this.looks = lane("looks", 2, silenceMs, 2);
    this.steps = lane("steps", 4, silenceMs, 4);
    this.ends = lane("ends", 8, MOST_GRACE_SECONDS * 1_000L + silenceMs, 8);
    this.asked = lane("asked", 4, silenceMs, 4);
    // Some more: one that is cut off goes when the engine has answered.
    this.streams = lane("streams", 4, 0, options.maxStreams() * 2 + 8);
  }

  private EngineLane lane(String name, int threads, long silenceMs, int connections) {
    return new EngineLane(vertx, name, options.socket(), threads, silenceMs, connections);
  }

  @Override
  public Future<Facts> facts() {
    return looks.call(
        options.timeoutMs(),
        client -> {
          Info info = client.infoCmd().exec();
          return new Facts(
              info.getServerVersion(),
              info.getMemTotal() == null ? 0 : info.getMemTotal(),
              info.getNCPU() == null ? 0 : info.getNCPU());
        });
  }

  @Override
  public Future<List<Seen>> list() {
    return looks.call(
        options.timeoutMs(),
        client -> {
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
    return looks.call(
        options.timeoutMs(),
        client -> {
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
    return steps.call(
        options.timeoutMs(),
        client -> {
          try {
            client.inspectImageCmd(image).exec();
            return true;
          } catch (NotFoundException e) {
            return false;
          }
        });
  }

  @Override
  public Pulling pull(String image, Consumer<JsonObject> progress) {
    var context = vertx.getOrCreateContext();
    Promise<Void> done = Promise.promise();
    var stream =
        new EngineStream<PullResponseItem>() {
          @Override
          public void onNext(PullResponseItem item) {
            String error =
                item.getErrorDetail() == null ? null : item.getErrorDetail().getMessage();
            if (error != null) {
              onError(new DockerException(error, 500));
            } else {
              JsonObject told = EngineJson.pulled(item);
              context.runOnContext(v -> progress.accept(told));
            }
          }

          @Override
          void ended(Throwable cause) {
            context.runOnContext(
                v -> {
                  if (cause == null) {
                    done.tryComplete();
                  } else {
                    done.tryFail(streams.failure(cause));
                  }
                });
          }
        };
    // A name without a tag would fetch every tag that there is.
    String name =
        image.contains("@") || image.lastIndexOf(':') > image.lastIndexOf('/')
            ? image
            : image + ":latest";
    streams.begin(stream, client -> client.pullImageCmd(name).exec(stream));
    long timer =
        vertx.setTimer(
            options.pullTimeoutMs(),
            id ->
                done.tryFail(
                    new FaultException(
                        Failure.PROVIDER_TIMEOUT,
                        "the image did not come within %d ms (CONTAINER_PULL_TIMEOUT_MS)"
                            .formatted(options.pullTimeoutMs()))));
    return new Pulling(
        done.future()
            .onComplete(
                there -> {
                  vertx.cancelTimer(timer);
                  streams.end(stream);
                }),
        () ->
            done.tryFail(new FaultException(Failure.CANCELLED, "nobody wants the image any more")));
  }

  @Override
  public Future<String> create(
      String name, ContainerSpec spec, List<Integer> gpuIds, Map<String, String> labels) {
    return steps.call(
        options.timeoutMs(),
        client -> creation.command(client, name, spec, gpuIds, labels).exec().getId());
  }

  @Override
  public Future<Void> start(String id) {
    return steps.call(
        options.timeoutMs(),
        client -> {
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
    return ends.call(
        graceSeconds * 1_000L + options.timeoutMs(),
        client -> {
          try {
            client.stopContainerCmd(id).withTimeout(graceSeconds).exec();
          } catch (NotModifiedException e) {
            // It does not run.
          }
          return null;
        });
  }

  @Override
  public Future<Void> remove(String id) {
    return ends.call(
        options.timeoutMs() * 2,
        client -> {
          try {
            client.removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
          } catch (NotFoundException e) {
            // It is gone.
          }
          return null;
        });
  }

  @Override
  public Future<JsonObject> inspect(String id) {
    return asked.call(
        options.timeoutMs(), client -> EngineJson.inspected(client.inspectContainerCmd(id).exec()));
  }

  @Override
  public Future<JsonObject> stats(String id) {
    return asked.call(options.timeoutMs(), client -> EngineJson.stats(statistics(client, id)));
  }

  /** Waits, so that no more are asked for at once than there are threads. */
  private static Statistics statistics(DockerClient client, String id) {
    CompletableFuture<Statistics> told = new CompletableFuture<>();
    var stream =
        new EngineStream<Statistics>() {
          @Override
          public void onNext(Statistics item) {
            told.complete(item);
          }

          @Override
          void ended(Throwable cause) {
            if (cause == null) {
              told.complete(null);
            } else {
              told.completeExceptionally(cause);
            }
          }
        };
    client.statsCmd(id).withNoStream(true).exec(stream);
    return told.join();
  }

  @Override
  public Runnable follow(String id, int tail, boolean follow, LineSink sink) {
    LogLines lines = new LogLines(sink);
    streams.begin(
        lines,
        client -> {
          var command =
              client.logContainerCmd(id).withStdOut(true).withStdErr(true).withFollowStream(follow);
          return (tail < 0 ? command.withTailAll() : command.withTail(tail)).exec(lines);
        });
    return () -> streams.end(lines);
  }

  @Override
  public Runnable watch(Runnable changed, Runnable ended) {
    var context = vertx.getOrCreateContext();
    var watching =
        new EngineStream<Event>() {
          @Override
          public void onNext(Event event) {
            context.runOnContext(v -> changed.run());
          }

          @Override
          void ended(Throwable cause) {
            context.runOnContext(v -> ended.run());
          }
        };
    streams.begin(
        watching,
        client ->
            client
                .eventsCmd()
                .withLabelFilter(Labels.CLAIM)
                .withEventTypeFilter("container")
                .withEventFilter("start", "die", "oom", "destroy", "stop")
                .exec(watching));
    return () -> streams.end(watching);
  }

  @Override
  public Future<Void> close() {
    return Future.join(
            List.of(looks.close(), steps.close(), ends.close(), asked.close(), streams.close()))
        .mapEmpty();
  }
}
