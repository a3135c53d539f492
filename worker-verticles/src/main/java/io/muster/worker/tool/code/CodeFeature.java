package io.muster.worker.tool.code;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.settings.ContainerSettings;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.ToolSettings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code code_exec}, where there is a sandbox; without one it is off, and looks again. */
public final class CodeFeature implements NodeFeature {
  private static final Logger log = LoggerFactory.getLogger(CodeFeature.class);
  private static final long LOOK_AGAIN_MS = 30_000;

  private final NodeContext node;
  private final Function<WorkerExecutor, List<Sandbox>> wanted;
  private WorkerExecutor executor;
  private List<Sandbox> sandboxes = List.of();
  private Sandbox chosen;
  private Set<Language> languages = Set.of();
  private String missing = "no sandbox was looked for yet";
  private long timer;
  private boolean stopped;

  public CodeFeature(NodeContext node) {
    this.node = node;
    this.wanted = this::wanted;
  }

  /** With other sandboxes, for tests of those that come and go. */
  CodeFeature(NodeContext node, List<Sandbox> sandboxes) {
    this.node = node;
    this.wanted = threads -> sandboxes;
  }

  @Override
  public String name() {
    return "code";
  }

  @Override
  public Future<Void> start() {
    Settings settings = node.settings();
    int concurrent = settings.get(ToolSettings.CODE_EXEC_CONCURRENT);
    executor =
        node.vertx()
            .createSharedWorkerExecutor(
                "muster-code",
                3 * concurrent + 1,
                settings.get(ToolSettings.CODE_EXEC_TIMEOUT_MS) + 60_000L,
                TimeUnit.MILLISECONDS);
    sandboxes = wanted.apply(executor);
    Promise<Void> begun = Promise.promise();
    // A worker does not wait for what takes long.
    look(0, new ArrayList<>(), begun::tryComplete).onComplete(looked -> begun.tryComplete());
    return begun.future();
  }

  private List<Sandbox> wanted(WorkerExecutor threads) {
    Settings settings = node.settings();
    long megabyte = 1L << 20;
    Limits limits =
        new Limits(
            settings.get(ToolSettings.CODE_EXEC_MEMORY_MB) * megabyte,
            settings.get(ToolSettings.CODE_EXEC_CPU_SECONDS),
            settings.get(ToolSettings.CODE_EXEC_PIDS),
            settings.get(ToolSettings.CODE_EXEC_DISK_MB) * megabyte,
            settings.get(ToolSettings.CODE_EXEC_OUTPUT_BYTES));
    String wanted = settings.get(ToolSettings.CODE_EXEC_SANDBOX);
    List<Sandbox> all = new ArrayList<>();
    if (!wanted.equals("bubblewrap")) {
      all.add(
          new ContainerSandbox(
              node.vertx(),
              threads,
              new ContainerSandbox.Options(
                  settings.get(ContainerSettings.CONTAINER_ENGINE),
                  settings.get(ToolSettings.CODE_EXEC_IMAGE),
                  node.nodeId(),
                  settings.get(ToolSettings.CODE_EXEC_CONCURRENT),
                  settings.get(ContainerSettings.CONTAINER_PULL_TIMEOUT_MS)),
              limits,
              System::nanoTime));
    }
    if (!wanted.equals("container")) {
      all.add(
          new Bubblewrap(
              node.vertx(),
              threads,
              "root".equals(System.getProperty("user.name")),
              limits,
              System::nanoTime));
    }
    return all;
  }

  /**
   * The first that works is taken.
   *
   * @param takesLong is run when it takes longer than a look
   */
  private Future<Void> look(int index, List<String> reasons, Runnable takesLong) {
    if (stopped) {
      return Future.succeededFuture();
    }
    if (index == sandboxes.size()) {
      off(reasons.isEmpty() ? "there is no sandbox" : String.join("; ", reasons));
      log.warn("{}; it is looked for again", missing);
      timer = node.vertx().setTimer(LOOK_AGAIN_MS, id -> lookAgain());
      return Future.succeededFuture();
    }
    Sandbox sandbox = sandboxes.get(index);
    return sandbox
        .look(
            what -> {
              off(what);
              takesLong.run();
            })
        .transform(
            looked -> {
              if (looked.succeeded() && !looked.result().isEmpty()) {
                offer(sandbox, looked.result());
                return Future.succeededFuture();
              }
              reasons.add(
                  looked.succeeded()
                      ? sandbox.name() + " has no language"
                      : String.valueOf(looked.cause().getMessage()));
              return look(index + 1, reasons, takesLong);
            });
  }

  private void off(String why) {
    missing = "code_exec is off: " + why;
  }

  private void lookAgain() {
    look(0, new ArrayList<>(), () -> {});
  }

  /** It worked once and does so no more: an engine that was stopped. */
  private void broken(Sandbox sandbox, Throwable cause) {
    if (stopped || chosen != sandbox) {
      return;
    }
    log.warn("code runs in {} no more: {}", sandbox.name(), cause.toString());
    chosen = null;
    languages = Set.of();
    off(sandbox.name() + " could not run a program");
    node.tools().remove(CodeExec.NAME);
    node.changed().run();
    lookAgain();
  }

  private void offer(Sandbox sandbox, Set<Language> found) {
    if (stopped) {
      return;
    }
    chosen = sandbox;
    languages = found;
    missing = null;
    Settings settings = node.settings();
    node.tools()
        .add(
            List.of(
                new CodeExec(
                    sandbox,
                    found,
                    settings.get(ToolSettings.CODE_EXEC_TIMEOUT_MS),
                    settings.get(ToolSettings.CODE_EXEC_CONCURRENT),
                    cause -> broken(sandbox, cause))));
    node.changed().run();
    log.info("code runs in {}: {}", sandbox.name(), Language.labels(found));
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    node.vertx().cancelTimer(timer);
    List<Future<Void>> closing = sandboxes.stream().map(Sandbox::close).toList();
    return Future.join(closing)
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .eventually(() -> executor == null ? Future.succeededFuture() : executor.close());
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(
        HealthCheck.of(
            "code_exec",
            () -> missing == null ? Finding.healthy(null) : Finding.degraded(missing)));
  }

  @Override
  public JsonObject info() {
    return new JsonObject()
        .put("sandbox", chosen == null ? "off" : chosen.name())
        .put("languages", new JsonArray(Language.labels(languages)))
        .put("reason", missing);
  }
}
