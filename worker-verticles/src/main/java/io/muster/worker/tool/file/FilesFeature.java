package io.muster.worker.tool.file;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.ToolSettings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.task.Tool;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code file_list}, {@code file_read}, {@code file_write} and {@code file_search}. */
public final class FilesFeature implements NodeFeature {
  private static final Logger log = LoggerFactory.getLogger(FilesFeature.class);
  private static final int THREADS = 4;
  private static final long LOOK_AGAIN_MS = 30_000;

  private final NodeContext node;
  private WorkerExecutor executor;
  private String missing = "the folder was not looked for yet";
  private long timer;
  private boolean stopped;

  public FilesFeature(NodeContext node) {
    this.node = node;
  }

  @Override
  public String name() {
    return "files";
  }

  @Override
  public Future<Void> start() {
    executor =
        node.vertx().createSharedWorkerExecutor("muster-files", THREADS, 60, TimeUnit.SECONDS);
    if (node.settings().find(ToolSettings.FILE_TOOLS_ROOT).isEmpty()) {
      missing = "the file tools are off: FILE_TOOLS_ROOT is not set";
      log.warn("{}", missing);
      return Future.succeededFuture();
    }
    return look();
  }

  private Future<Void> look() {
    Path root = node.settings().get(ToolSettings.FILE_TOOLS_ROOT);
    return executor
        .executeBlocking(() -> new RootFolder(root), false)
        .onSuccess(this::offer)
        .onFailure(this::off)
        .transform(done -> Future.succeededFuture());
  }

  private void offer(RootFolder root) {
    if (stopped) {
      return;
    }
    missing = null;
    Settings settings = node.settings();
    int maxBytes = settings.get(ToolSettings.FILE_TOOLS_MAX_BYTES);
    int maxEntries = settings.get(ToolSettings.FILE_TOOLS_MAX_ENTRIES);
    List<Tool> tools = new ArrayList<>();
    tools.add(new FileList(root, maxEntries, executor));
    tools.add(new FileRead(root, maxBytes, executor));
    tools.add(new FileSearch(root, maxBytes, maxEntries, executor));
    if (!settings.get(ToolSettings.FILE_TOOLS_READ_ONLY)) {
      tools.add(new FileWrite(root, maxBytes, executor));
    }
    node.tools().add(tools);
    node.changed().run();
  }

  private void off(Throwable cause) {
    if (stopped) {
      return;
    }
    String why =
        cause instanceof IOException
                && cause.getMessage() != null
                && cause.getMessage().startsWith("this system")
            ? cause.getMessage()
            : "the folder of FILE_TOOLS_ROOT cannot be opened";
    missing = "the file tools are off: " + why;
    log.warn("{} ({}); it is looked for again", missing, cause.getClass().getSimpleName());
    timer = node.vertx().setTimer(LOOK_AGAIN_MS, id -> look());
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    node.vertx().cancelTimer(timer);
    return executor == null ? Future.succeededFuture() : executor.close();
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(
        HealthCheck.of(
            "file tools",
            () -> missing == null ? Finding.healthy(null) : Finding.degraded(missing)));
  }

  @Override
  public JsonObject info() {
    return new JsonObject()
        .put("on", missing == null)
        .put("read_only", node.settings().get(ToolSettings.FILE_TOOLS_READ_ONLY))
        .put("reason", missing);
  }
}
