package io.muster.worker.tool.code;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.StreamType;
import com.github.dockerjava.api.model.Ulimit;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs code in a container of its own, without a network, with a root that cannot be written to,
 * and the engine's bounds on memory, processor and processes; the container goes with the run.
 */
final class ContainerSandbox implements Sandbox {
  private static final Logger log = LoggerFactory.getLogger(ContainerSandbox.class);
  static final String LABEL = "io.muster.sandbox";
  private static final String NOBODY = "65534:65534";
  private static final int OPEN_FILES = 256;
  private static final long LOOK_MS = 20_000;
  private static final long LAST_WORDS_SECONDS = 5;
  private static final long ATTACH_SECONDS = 20;

  /** After which a program ends by itself whose worker should have ended it. */
  private static final long WITHOUT_WORKER_SECONDS = 15;

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final WorkerExecutor executor;
  private final Options options;
  private final Limits limits;
  private final SandboxRuns runs;

  /** Containers of runs that are under way. */
  private final Set<String> own = ConcurrentHashMap.newKeySet();

  private final Set<Future<Void>> removing = ConcurrentHashMap.newKeySet();

  private DockerClient client;

  /**
   * @param socket {@code unix:///var/run/docker.sock}
   * @param image with a shell; pulled where it is not there
   * @param owner of the containers: those that its last process left are removed
   * @param concurrent runs at once
   * @param pullMs that the pulling of the image may take
   */
  record Options(String socket, String image, String owner, int concurrent, long pullMs) {}

  ContainerSandbox(
      Vertx vertx, WorkerExecutor executor, Options options, Limits limits, LongSupplier nanoTime) {
    this.executor = executor;
    this.options = options;
    this.limits = limits;
    this.runs = new SandboxRuns(vertx, executor, limits.outputBytes(), nanoTime);
  }

  @Override
  public String name() {
    return "container";
  }

  private synchronized DockerClient client() {
    if (client == null) {
      DockerClientConfig config =
          DefaultDockerClientConfig.createDefaultConfigBuilder()
              .withDockerHost(options.socket())
              .withDockerTlsVerify(false)
              .build();
      client =
          DockerClientImpl.getInstance(
              config,
              new ZerodepDockerHttpClient.Builder()
                  .dockerHost(config.getDockerHost())
                  .connectionTimeout(CONNECT_TIMEOUT)
                  .maxConnections(4 * options.concurrent() + 4)
                  .build());
    }
    return client;
  }

  @Override
  public Future<Set<Language>> look(Consumer<String> takingLong) {
    return soon(this::hasImage)
        .compose(
            there -> {
              if (there) {
                return Future.succeededFuture();
              }
              takingLong.accept("the image " + options.image() + " is being pulled");
              return pull();
            })
        .compose(v -> soon(this::languages))
        .recover(cause -> Future.failedFuture(unusable(cause)));
  }

  private <T> Future<T> soon(Callable<T> call) {
    return executor.executeBlocking(call, false).timeout(LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private boolean hasImage() {
    removeLeft();
    try {
      client().inspectImageCmd(options.image()).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  private Future<Void> pull() {
    log.info("pulling the image {} for code_exec", options.image());
    ImagePull pull = new ImagePull(options.image());
    return executor
        .executeBlocking(() -> pull.begin(client()), false)
        .compose(v -> pull.done())
        .timeout(options.pullMs(), TimeUnit.MILLISECONDS)
        .onFailure(cause -> pull.giveUp())
        .recover(
            cause ->
                Future.failedFuture(
                    new Unusable(
                        "the image %s is not there and cannot be pulled: %s"
                            .formatted(options.image(), ImagePull.reason(cause)))));
  }

  private Set<Language> languages() throws InterruptedException {
    BoundedText said = new BoundedText(4_096);
    run(ContainerCommand.look(), said, new BoundedText(4_096), id -> {});
    return Language.found(said.text());
  }

  private static Unusable unusable(Throwable cause) {
    if (cause instanceof Unusable why) {
      return why;
    }
    return new Unusable(
        isAway(cause) || cause instanceof TimeoutException
            ? "no container engine answers"
            : "the container engine refused a run");
  }

  private static boolean isAway(Throwable cause) {
    for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
      if (inner instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** What a process before this one was killed over. */
  private void removeLeft() {
    for (Container left :
        client()
            .listContainersCmd()
            .withShowAll(true)
            .withLabelFilter(Map.of(LABEL, options.owner()))
            .exec()) {
      if (!own.contains(left.getId())) {
        remove(left.getId());
      }
    }
  }

  private void remove(String id) {
    try {
      client().removeContainerCmd(id).withForce(true).withRemoveVolumes(true).exec();
    } catch (NotFoundException | ConflictException e) {
      // It is gone, or going.
    } catch (RuntimeException e) {
      log.warn("a sandbox is left behind, {}: {}", id, e.toString());
    }
  }

  /** Told of the container before it starts. */
  private interface Made {
    void is(String id);
  }

  /** To its end; blocks. */
  private int run(List<String> command, BoundedText stdout, BoundedText stderr, Made made)
      throws InterruptedException {
    String id =
        client()
            .createContainerCmd(options.image())
            .withEntrypoint(command.subList(0, 1))
            .withCmd(command.subList(1, command.size()))
            .withUser(NOBODY)
            .withWorkingDir("/tmp")
            .withEnv("HOME=/tmp", "LANG=C.UTF-8")
            .withHostName("sandbox")
            .withLabels(Map.of(LABEL, options.owner()))
            .withAttachStdout(true)
            .withAttachStderr(true)
            .withHostConfig(host())
            .exec()
            .getId();
    own.add(id);
    try {
      made.is(id);
      Output output = new Output(stdout, stderr);
      client()
          .attachContainerCmd(id)
          .withStdOut(true)
          .withStdErr(true)
          .withFollowStream(true)
          .exec(output);
      output.awaitAttached();
      client().startContainerCmd(id).exec();
      int exit =
          client().waitContainerCmd(id).exec(new WaitContainerResultCallback()).awaitStatusCode();
      output.awaitCompletion(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
      return exit;
    } finally {
      remove(id);
      own.remove(id);
    }
  }

  private HostConfig host() {
    // The engine gives /tmp the mode that it has in the image, but leaves it its owner.
    return HostConfig.newHostConfig()
        .withNetworkMode("none")
        .withReadonlyRootfs(true)
        .withTmpFs(
            Map.of(
                "/tmp", "rw,nosuid,nodev,mode=1777,uid=65534,gid=65534,size=" + limits.diskBytes()))
        .withMemory(limits.memoryBytes())
        .withMemorySwap(limits.memoryBytes())
        .withNanoCPUs(1_000_000_000L)
        .withPidsLimit((long) limits.pids() + ContainerCommand.PROCESSES)
        .withCapDrop(Capability.ALL)
        .withSecurityOpts(List.of("no-new-privileges"))
        .withUlimits(
            List.of(
                new Ulimit("core", 0L, 0L),
                new Ulimit("cpu", (long) limits.cpuSeconds(), (long) limits.cpuSeconds()),
                new Ulimit("fsize", limits.diskBytes(), limits.diskBytes()),
                new Ulimit("nofile", (long) OPEN_FILES, (long) OPEN_FILES)))
        .withShmSize(1L << 20)
        .withLogConfig(new LogConfig(LogConfig.LoggingType.NONE));
  }

  @Override
  public Run run(Program program) {
    return runs.begin(program.timeoutMs(), run -> work(program, run));
  }

  private int work(Program program, SandboxRuns.Running run) throws InterruptedException {
    List<String> command =
        ContainerCommand.run(program, program.timeoutMs() / 1_000 + WITHOUT_WORKER_SECONDS);
    return run(
        command,
        run.stdout,
        run.stderr,
        id -> {
          if (!run.endedBy(() -> removeAside(id))) {
            throw new Unusable("it was cancelled");
          }
        });
  }

  /** Removing it by force kills all that runs in it. */
  private void removeAside(String id) {
    Future<Void> removal =
        executor.executeBlocking(
            () -> {
              remove(id);
              return null;
            },
            false);
    removing.add(removal);
    removal.onComplete(done -> removing.remove(removal));
  }

  @Override
  public Future<Void> close() {
    return runs.close()
        .eventually(() -> Future.join(List.copyOf(removing)).otherwiseEmpty())
        .eventually(() -> soon(this::closeClient).otherwiseEmpty());
  }

  private synchronized Void closeClient() throws IOException {
    if (client != null) {
      client.close();
      client = null;
    }
    return null;
  }

  /** What a container writes. */
  private static final class Output extends ResultCallback.Adapter<Frame> {
    private final BoundedText stdout;
    private final BoundedText stderr;
    private final CompletableFuture<Void> attached = new CompletableFuture<>();

    Output(BoundedText stdout, BoundedText stderr) {
      this.stdout = stdout;
      this.stderr = stderr;
    }

    /** The adapter's own way of waiting does not hear of an attempt that failed. */
    void awaitAttached() throws InterruptedException {
      try {
        attached.get(ATTACH_SECONDS, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new IllegalStateException("cannot attach to a sandbox", e.getCause());
      } catch (TimeoutException e) {
        throw new IllegalStateException("cannot attach to a sandbox", e);
      }
    }

    @Override
    public void onStart(Closeable stream) {
      super.onStart(stream);
      attached.complete(null);
    }

    @Override
    public void onError(Throwable cause) {
      attached.completeExceptionally(cause);
      super.onError(cause);
    }

    @Override
    public void onNext(Frame frame) {
      BoundedText to = frame.getStreamType() == StreamType.STDERR ? stderr : stdout;
      to.add(frame.getPayload(), frame.getPayload().length);
    }
  }
}
