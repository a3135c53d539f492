package io.muster.worker.tool.code;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command that runs a program in bubblewrap: every namespace its own, no network but an empty
 * loopback, the system's programs and libraries to read, a small folder in memory to write to, and
 * the kernel's limits. As root it first becomes nobody, whom the kernel's limits bind.
 */
final class BubblewrapCommand {
  private static final int NOBODY = 65_534;
  private static final int OPEN_FILES = 256;
  private static final int SHM_BYTES = 1 << 20;

  /** Reads the code from its input, of which it knows the length; the rest is the program's. */
  private static final String BEGIN =
      "head -c \"$1\" > /tmp/.code && shift && exec prlimit --nproc=\"$1\" -- \"$2\" /tmp/.code";

  private final boolean root;
  private final Limits limits;

  /**
   * @param root whether this process is root's
   */
  BubblewrapCommand(boolean root, Limits limits) {
    this.root = root;
    this.limits = limits;
  }

  /** For a program whose code has so many bytes. */
  List<String> run(Language language, int codeBytes) {
    List<String> command = sandbox();
    command.addAll(
        List.of(
            "sh",
            "-c",
            BEGIN,
            "sh",
            String.valueOf(codeBytes),
            String.valueOf(limits.pids()),
            language.interpreter()));
    return command;
  }

  /** Says which of the interpreters there are, one a line. */
  List<String> look() {
    List<String> command = sandbox();
    command.addAll(
        List.of(
            "sh",
            "-c",
            "prlimit --nproc="
                + limits.pids()
                + " -- true || exit 1;"
                + " for i in \"$@\"; do command -v \"$i\"; done; true",
            "sh"));
    for (Language language : Language.values()) {
      command.add(language.interpreter());
    }
    return command;
  }

  private List<String> sandbox() {
    // Where memory runs out it goes first: many processes may each take what one may.
    List<String> command = new ArrayList<>(List.of("choom", "-n", "1000", "--"));
    if (root) {
      command.addAll(
          List.of(
              "setpriv",
              "--reuid=" + NOBODY,
              "--regid=" + NOBODY,
              "--clear-groups",
              "--no-new-privs",
              "--"));
    }
    command.addAll(
        List.of(
            "prlimit",
            "--core=0",
            "--cpu=" + limits.cpuSeconds(),
            "--as=" + limits.memoryBytes(),
            "--fsize=" + limits.diskBytes(),
            "--nofile=" + OPEN_FILES,
            "--",
            "bwrap",
            "--unshare-user",
            "--unshare-all",
            "--disable-userns",
            "--die-with-parent",
            "--new-session",
            "--cap-drop",
            "ALL",
            "--uid",
            String.valueOf(NOBODY),
            "--gid",
            String.valueOf(NOBODY),
            "--hostname",
            "sandbox",
            "--clearenv",
            "--setenv",
            "PATH",
            "/usr/local/bin:/usr/bin:/bin",
            "--setenv",
            "HOME",
            "/tmp",
            "--setenv",
            "LANG",
            "C.UTF-8"));
    bind(command);
    command.addAll(
        List.of(
            "--proc",
            "/proc",
            "--dev",
            "/dev",
            "--size",
            String.valueOf(SHM_BYTES),
            "--tmpfs",
            "/dev/shm",
            "--size",
            String.valueOf(limits.diskBytes()),
            "--tmpfs",
            "/tmp",
            "--remount-ro",
            "/dev",
            "--remount-ro",
            "/",
            "--chdir",
            "/tmp",
            "--"));
    return command;
  }

  /** Programs and libraries, and nothing of this machine's own. */
  private static void bind(List<String> command) {
    command.addAll(List.of("--ro-bind", "/usr", "/usr"));
    for (String folder : List.of("bin", "sbin", "lib", "lib64", "lib32")) {
      Path path = Path.of("/" + folder);
      if (Files.isSymbolicLink(path)) {
        command.addAll(List.of("--symlink", "usr/" + folder, "/" + folder));
      } else if (Files.isDirectory(path)) {
        command.addAll(List.of("--ro-bind", "/" + folder, "/" + folder));
      }
    }
    for (String file : List.of("/etc/ld.so.cache", "/etc/alternatives")) {
      command.addAll(List.of("--ro-bind-try", file, file));
    }
  }
}
