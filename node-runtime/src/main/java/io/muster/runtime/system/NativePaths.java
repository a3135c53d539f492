package io.muster.runtime.system;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Where native libraries are looked for. Told where, JNA starts no {@code ldconfig} to find out;
 * what is elsewhere is still found by the system's own loader.
 */
public final class NativePaths {
  private static final String PROPERTY = "jna.platform.library.path";

  private NativePaths() {}

  /** To be called before JNA is first used; what the user has set stands. */
  public static void prepare() {
    if (System.getProperty(PROPERTY) == null && System.getProperty("os.name").startsWith("Linux")) {
      String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
      System.setProperty(
          PROPERTY,
          List.of(
                  "/usr/lib/" + arch + "-linux-gnu",
                  "/lib/" + arch + "-linux-gnu",
                  "/usr/lib64",
                  "/lib64",
                  "/usr/lib",
                  "/lib")
              .stream()
              .filter(folder -> Files.isDirectory(Path.of(folder)))
              .collect(Collectors.joining(":")));
    }
  }
}
