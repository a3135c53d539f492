package io.muster.runtime.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Which network interfaces are counted: what a container sends goes through its own, through a
 * bridge and through the machine's, and is one traffic.
 */
final class Nics {
  private static final Path FOLDER = Path.of("/sys/class/net");

  private Nics() {}

  static List<String> counted(List<String> names) {
    return counted(FOLDER, names);
  }

  /**
   * Those that are hardware, as Linux tells; where none is, as in a container, those that stand for
   * themselves; all of them where the system does not tell.
   */
  static List<String> counted(Path folder, List<String> names) {
    List<String> hardware = names.stream().filter(name -> has(folder, name, "device")).toList();
    if (!hardware.isEmpty()) {
      return hardware;
    }
    List<String> free =
        names.stream()
            .filter(name -> !has(folder, name, "master") && !has(folder, name, "bridge"))
            .toList();
    return free.isEmpty() ? names : free;
  }

  private static boolean has(Path folder, String name, String what) {
    return Files.exists(folder.resolve(name).resolve(what));
  }
}
