package io.muster.worker.gpu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.TimeUnit;

/** A library with NVML's symbols, compiled here, and what it is to tell. */
final class NvmlStub {
  private final Path folder;
  private final Path scenario;

  NvmlStub(Path folder) {
    this.folder = folder;
    this.scenario = folder.resolve("scenario");
  }

  /**
   * Compiles it; a machine without a compiler fails the test, which scripts/test installs one for.
   *
   * @param generation 1 for the oldest functions only, 3 for all
   * @return the library's path
   */
  Path compile(int generation) throws IOException, InterruptedException {
    Path source = folder.resolve("nvml-stub.c");
    try (InputStream in = NvmlStub.class.getResourceAsStream("/nvml-stub.c")) {
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
    }
    Path library = folder.resolve("libnvidia-ml-" + generation + ".so.1");
    Process gcc =
        new ProcessBuilder(
                "gcc",
                "-shared",
                "-fPIC",
                "-O1",
                "-Wall",
                "-DGENERATION=" + generation,
                "-DSCENARIO=\"" + scenario + "\"",
                "-o",
                library.toString(),
                source.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(gcc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!gcc.waitFor(60, TimeUnit.SECONDS) || gcc.exitValue() != 0) {
      throw new IllegalStateException("gcc: " + said);
    }
    return library;
  }

  /** What it tells from now on. */
  void says(String... lines) throws IOException {
    Path fresh = folder.resolve("scenario.new");
    Files.writeString(fresh, String.join("\n", lines) + "\n");
    Files.move(
        fresh, scenario, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
