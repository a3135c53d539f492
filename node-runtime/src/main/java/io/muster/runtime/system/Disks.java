package io.muster.runtime.system;

import io.muster.metric.Sample;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import oshi.software.os.OSFileStore;
import oshi.software.os.OperatingSystem;

/**
 * The machine's own file systems: those that programs write to, each once. Linux tells of them in a
 * file; OSHI would start {@code lsblk} for every look, so it is asked elsewhere only.
 */
final class Disks {
  /** So many at most: samples travel with every heartbeat. */
  static final int MAX = 16;

  private static final Path MOUNTS = Path.of("/proc/self/mounts");
  private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

  /** In memory, read only by nature, or another machine's, which may be long in answering. */
  private static final Set<String> NO_DISKS =
      Set.of(
          ("tmpfs devtmpfs ramfs squashfs iso9660 udf erofs nsfs proc sysfs devpts efivarfs autofs"
                  + " cgroup cgroup2 mqueue hugetlbfs debugfs tracefs securityfs pstore bpf configfs"
                  + " fusectl binfmt_misc rpc_pipefs nfs nfs4 cifs smb3 smbfs 9p ceph lustre beegfs"
                  + " gpfs afs gfs2 ocfs2 fuse")
              .split(" "));

  private Disks() {}

  /** Blocks, for long where a disk is broken. */
  static List<Sample.Disk> of(OperatingSystem system, Path dataDir) {
    Path data = dataDir.toAbsolutePath().normalize();
    if (Files.isReadable(MOUNTS)) {
      try {
        // Not as lines: one folder with a name of another encoding would hide them all.
        String table = new String(Files.readAllBytes(MOUNTS), StandardCharsets.UTF_8);
        return choose(mounted(table.lines().toList()), data);
      } catch (IOException e) {
        return List.of();
      }
    }
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
    return choose(found, data);
  }

  /** Lines of a table of mounts, as fstab(5) says; of those that do not count no space is asked. */
  static List<Candidate> mounted(List<String> lines) {
    List<Candidate> found = new ArrayList<>();
    for (String line : lines) {
      String[] parts = line.split(" ", -1);
      if (parts.length >= 4 && isDisk(parts[2])) {
        String mount = ESCAPED.matcher(parts[1]).replaceAll(Disks::unescaped);
        File file = new File(mount);
        if (file.isFile()) {
          // A container's /etc/hosts and the like, of a disk that is not its own.
          continue;
        }
        found.add(
            new Candidate(
                parts[0], mount, parts[2], parts[3], file.getTotalSpace(), file.getUsableSpace()));
      }
    }
    return found;
  }

  /** What programs make of FUSE is mostly another machine's, too; {@code fuseblk} is a disk. */
  private static boolean isDisk(String type) {
    return !NO_DISKS.contains(type) && !type.startsWith("fuse.");
  }

  private static String unescaped(MatchResult octal) {
    String character = String.valueOf((char) Integer.parseInt(octal.group(1), 8));
    return Matcher.quoteReplacement(character);
  }

  /** A file system as the system lists it. */
  record Candidate(
      String volume, String mount, String type, String options, long total, long free) {
    private boolean counts() {
      return total > 0
          && isDisk(type)
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
