package io.muster.runtime.health;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Whether a folder can be written and has room left. */
public final class DiskCheck {
  static final long DEGRADED_BYTES = 512L << 20;
  static final long UNHEALTHY_BYTES = 32L << 20;

  private DiskCheck() {}

  /** Looks on a worker thread: a network file system may let it wait. */
  public static HealthCheck of(Vertx vertx, Path folder) {
    return new SlowCheck(
        vertx,
        "disk",
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        () -> vertx.executeBlocking(() -> look(folder), false));
  }

  static Finding look(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Finding.unhealthy("the data folder is missing");
    }
    if (!Files.isWritable(folder)) {
      return Finding.unhealthy("the data folder cannot be written");
    }
    FileStore store = Files.getFileStore(folder);
    return judge(store.getUsableSpace(), store.getTotalSpace());
  }

  static Finding judge(long free, long total) {
    String reason = (free >> 20) + " MiB free";
    Finding finding =
        free < UNHEALTHY_BYTES
            ? Finding.unhealthy(reason)
            : free < DEGRADED_BYTES ? Finding.degraded(reason) : Finding.healthy(reason);
    return finding.with(new JsonObject().put("free_bytes", free).put("total_bytes", total));
  }
}
