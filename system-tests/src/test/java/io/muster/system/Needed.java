package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What tests need of the machine; scripts/test installs it. Where it is missing a test is skipped,
 * and fails with {@code CI=true}: there everything has to be run.
 */
final class Needed {
  private Needed() {}

  /** The file of a program on the PATH. */
  static Path program(String name) {
    for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path file = Path.of(folder, name);
      if (Files.isExecutable(file) && !Files.isDirectory(file)) {
        return file;
      }
    }
    that(false, name + " on the PATH");
    throw new IllegalStateException("not reached");
  }

  static void that(boolean there, String what) {
    if ("true".equals(System.getenv("CI"))) {
      assertThat(there).as(what).isTrue();
    } else {
      assumeTrue(there, "needs " + what);
    }
  }
}
