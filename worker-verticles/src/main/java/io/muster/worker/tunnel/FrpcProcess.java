package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One life of frpc. */
final class FrpcProcess implements Frpc.Running {
  private static final long STOP_MS = 3_000;
  private static final long OUTPUT_MS = 500;

  private final WorkerExecutor blocking;
  private final Process process;
  private final LastWords words;
  private final FrpcAdmin admin;
  private final Path config;
  private final Function<List<Tunnel>, String> toml;
  private final Promise<String> ended = Promise.promise();
  private String accepted;

  /**
   * @param first what is in the file now
   * @param toml writes the configuration for other tunnels
   */
  FrpcProcess(
      Vertx vertx,
      WorkerExecutor blocking,
      Process process,
      LastWords words,
      FrpcAdmin admin,
      Path config,
      String first,
      Function<List<Tunnel>, String> toml) {
    this.blocking = blocking;
    this.process = process;
    this.words = words;
    this.admin = admin;
    this.config = config;
    this.accepted = first;
    this.toml = toml;
    Thread output = words.follow(process.getInputStream());
    Context context = vertx.getOrCreateContext();
    var unused =
        process
            .onExit()
            .thenAccept(
                dead -> {
                  String said = farewell(dead.exitValue(), output);
                  context.runOnContext(
                      v -> {
                        admin.close();
                        ended.complete(said);
                      });
                });
  }

  private String farewell(int status, Thread output) {
    try {
      output.join(OUTPUT_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String text = words.text();
    return "frpc ended with status " + status + (text.isEmpty() ? "" : ": " + text);
  }

  @Override
  public Future<String> ended() {
    return ended.future();
  }

  @Override
  public Future<Map<String, ProxyState>> status() {
    return admin
        .status()
        .map(
            states -> {
              Map<String, ProxyState> shown = new HashMap<>();
              states.forEach((name, state) -> shown.put(name, state.masked(words::masked)));
              return shown;
            });
  }

  @Override
  public Future<Void> reload(List<Tunnel> tunnels) {
    String next = toml.apply(tunnels);
    // Not PUT /api/config: it writes the same file, but not whole or not at all.
    return write(next)
        .compose(v -> admin.reload())
        .onSuccess(v -> accepted = next)
        .recover(
            cause -> {
              RuntimeException said =
                  cause instanceof IllegalArgumentException
                      ? new IllegalArgumentException(words.masked(cause.getMessage()))
                      : new IllegalStateException(
                          "frpc was not reloaded: " + words.masked(String.valueOf(cause.getMessage())),
                          cause);
              // What it has is what its next start is to find.
              return write(accepted).transform(v -> Future.failedFuture(said));
            });
  }

  private Future<Void> write(String text) {
    return blocking.executeBlocking(
        () -> {
          PrivateFile.write(config, text);
          return null;
        });
  }

  @Override
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public Future<Void> stop() {
    process.destroy();
    return ended
        .future()
        .timeout(STOP_MS, TimeUnit.MILLISECONDS)
        .recover(
            late -> {
              process.destroyForcibly();
              return ended.future();
            })
        .mapEmpty();
  }
}
