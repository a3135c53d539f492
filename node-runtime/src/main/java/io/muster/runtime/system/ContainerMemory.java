package io.muster.runtime.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The memory of the container that this process runs in, where it has a limit: beyond it the
 * process is killed, however much the machine has left. Linux tells it at the root of the control
 * groups that the process sees; on the machine itself there is no limit.
 */
final class ContainerMemory {
  private static final Path GROUPS = Path.of("/sys/fs/cgroup");

  private final Path groups;

  ContainerMemory() {
    this(GROUPS);
  }

  ContainerMemory(Path groups) {
    this.groups = groups;
  }

  /**
   * What there is.
   *
   * @param limit bytes
   * @param used bytes, without files that are kept only as long as nothing else needs the room
   */
  record Memory(long limit, long used) {}

  /**
   * Looks.
   *
   * @param machine bytes that the machine has: a limit beyond is none
   */
  Optional<Memory> read(long machine) {
    Path old = groups.resolve("memory");
    return Files.exists(groups.resolve("memory.max"))
        ? read(groups, machine, "memory.max", "memory.current", "inactive_file ")
        : read(
            old, machine, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");
  }

  private static Optional<Memory> read(
      Path group, long machine, String limitFile, String usedFile, String cached) {
    try {
      String text = Files.readString(group.resolve(limitFile)).strip();
      long limit = text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
      if (limit <= 0 || limit >= machine) {
        return Optional.empty();
      }
      long used = Long.parseLong(Files.readString(group.resolve(usedFile)).strip());
      long files =
          Files.readAllLines(group.resolve("memory.stat")).stream()
              .filter(line -> line.startsWith(cached))
              .mapToLong(line -> Long.parseLong(line.substring(cached.length()).strip()))
              .findFirst()
              .orElse(0);
      return Optional.of(new Memory(limit, Math.max(0, used - files)));
    } catch (IOException | NumberFormatException e) {
      // No control groups, or none of this kind.
      return Optional.empty();
    }
  }
}
