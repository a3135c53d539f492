package io.muster.worker.container;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.muster.container.ContainerSpec;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's own record of its claims, a file each: written before a claim is acknowledged, so that
 * none is lost when the process dies. It holds what containers are given, secrets too, hence 0600.
 */
final class ClaimFiles {
  private static final Logger log = LoggerFactory.getLogger(ClaimFiles.class);
  private static final String END = ".json";
  private static final String FRESH = ".new";
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final Path folder;
  private final WorkerExecutor thread;

  ClaimFiles(Vertx vertx, Path folder) {
    this.folder = folder;
    // One thread: what is written of a claim arrives in order.
    this.thread = vertx.createSharedWorkerExecutor("muster-claims", 1);
  }

  /**
   * What is kept of a claim.
   *
   * @param gpuIds those that it has
   * @param wanted whether it is to run
   * @param removing whether it is on its way out
   * @param createdAt milliseconds since 1970
   */
  record Kept(
      ContainerSpec spec,
      String hash,
      List<Integer> gpuIds,
      boolean wanted,
      boolean started,
      boolean removing,
      long createdAt,
      int restarts) {}

  /** All that are there; a file that cannot be read is left where it is and told of. */
  Future<List<Kept>> load() {
    return thread.executeBlocking(
        () -> {
          Files.createDirectories(folder, mode(folder, "rwx------"));
          List<Kept> all = new ArrayList<>();
          try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
              String name = file.getFileName().toString();
              if (name.endsWith(END)) {
                read(file, all);
              } else if (name.endsWith(END + FRESH)) {
                // Half of what nobody was told of.
                Files.delete(file);
              }
            }
          }
          return all;
        });
  }

  private static void read(Path file, List<Kept> all) {
    try {
      Kept kept = JSON.readValue(Files.readString(file), Kept.class);
      if (kept != null && kept.spec() != null && kept.spec().claimId() != null) {
        all.add(kept);
        return;
      }
      log.error("there is no claim in {}", file);
    } catch (IOException e) {
      log.error("the claim in {} cannot be read: {}", file, e.getClass().getName());
    }
  }

  /** Done when it is on the disk. */
  Future<Void> save(Kept claim) {
    return thread.executeBlocking(
        () -> {
          Path file = file(claim.spec().claimId());
          Path fresh = folder.resolve(file.getFileName() + FRESH);
          Files.deleteIfExists(fresh);
          Files.createFile(fresh, mode(folder, "rw-------"));
          try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(JSON.writeValueAsString(claim));
            while (bytes.hasRemaining()) {
              out.write(bytes);
            }
            out.force(true);
          }
          Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
          sync();
          return null;
        });
  }

  Future<Void> delete(String claimId) {
    return thread.executeBlocking(
        () -> {
          if (Files.deleteIfExists(file(claimId))) {
            sync();
          }
          return null;
        });
  }

  Future<Void> close() {
    // What is being written is written first: closing interrupts.
    return thread.executeBlocking(() -> null).compose(v -> thread.close());
  }

  private Path file(String claimId) {
    return folder.resolve(claimId + END);
  }

  private void sync() throws IOException {
    try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  private static FileAttribute<?>[] mode(Path path, String mode) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
