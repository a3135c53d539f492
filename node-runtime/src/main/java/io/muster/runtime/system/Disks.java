package io.muster.runtime.system;

import io.muster.metric.Sample;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import oshi.software.os.OSFileStore;
import oshi.software.os.OperatingSystem;

/** The machine's own file systems: those that programs write to, each once. */
final class Disks {
  /** So many at most: samples travel with every heartbeat. */
  static final int MAX = 16;

  /** In memory, read only by nature, or another one's shadow. */
  private static final Set<String> NO_DISKS =
      Set.of(
          "tmpfs",
          "devtmpfs",
          "ramfs",
          "squashfs",
          "iso9660",
          "udf",
          "erofs",
          "nsfs",
          "proc",
          "sysfs",
          "devpts",
          "efivarfs",
          "autofs",
          "fuse.lxcfs");

  private Disks() {}

  /** Blocks, for long where a disk is broken. */
  static List<Sample.Disk> of(OperatingSystem system, Path dataDir) {
    List<Candidate> found = new ArrayList<>();
    for (OSFileStore store : system.getFileSystem().getFileStores(true)) {
      found.add(
          new Candidate(
              store.getVolume(),
              store.getMount(),
              store.getType(),
              store.getOptions(),
              store.getTotalSpace(),
              store.getUsableSpace()));
    }
    return choose(found, dataDir.toAbsolutePath().normalize());
  }

  /** A file system as the system lists it. */
  record Candidate(
      String volume, String mount, String type, String options, long total, long free) {
    private boolean counts() {
      return total > 0
          && !NO_DISKS.contains(type)
          && !("," + options + ",").contains(",ro,")
          && (!type.equals("overlay") || mount.equals("/"));
    }
  }

  /** The one with the data first, then the biggest; of one that is mounted twice, the first. */
  static List<Sample.Disk> choose(List<Candidate> candidates, Path data) {
    Candidate own =
        candidates.stream()
            .filter(each -> each.total() > 0 && data.startsWith(Path.of(each.mount())))
            .max(Comparator.comparingInt(each -> each.mount().length()))
            .orElse(null);
    List<Candidate> ordered =
        new ArrayList<>(candidates.stream().filter(Candidate::counts).toList());
    ordered.sort(Comparator.comparingLong(Candidate::total).reversed());
    if (own != null) {
      ordered.remove(own);
      ordered.add(0, own);
    }
    Set<String> volumes = new HashSet<>();
    return ordered.stream()
        .filter(each -> volumes.add(each.volume()))
        .limit(MAX)
        .map(each -> new Sample.Disk(each.mount(), each.type(), each.total(), each.free()))
        .toList();
  }
}
