package io.muster.worker.tunnel;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the hub's last plan in a file, so that a start without a hub opens the same tunnels. */
final class PlanKeeper {
  private static final Logger log = LoggerFactory.getLogger(PlanKeeper.class);
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final WorkerExecutor blocking;
  private final Path file;
  private final String server;

  /**
   * @param server what is kept of another one is worth nothing
   */
  PlanKeeper(WorkerExecutor blocking, Path folder, String server) {
    this.blocking = blocking;
    this.file = folder.resolve("plan.json");
    this.server = server;
  }

  Future<Optional<TunnelPlan>> load() {
    return blocking.executeBlocking(
        () -> {
          if (!Files.exists(file)) {
            return Optional.empty();
          }
          try {
            TunnelPlan kept = JSON.readValue(Files.readAllBytes(file), TunnelPlan.class);
            return Optional.of(kept).filter(plan -> server.equals(plan.server()));
          } catch (IOException | RuntimeException e) {
            log.warn("the kept plan of tunnels cannot be read: {}", e.toString());
            return Optional.empty();
          }
        });
  }

  /** Logs where it cannot be kept. */
  void keep(TunnelPlan plan) {
    blocking
        .executeBlocking(
            () -> {
              PrivateFile.folder(file.getParent());
              PrivateFile.write(file, JSON.writeValueAsString(plan));
              return null;
            })
        .onFailure(cause -> log.warn("the plan of tunnels is not kept: {}", cause.toString()));
  }
}
