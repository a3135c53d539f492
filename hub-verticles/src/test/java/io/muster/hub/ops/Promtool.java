package io.muster.hub.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks a text as Prometheus would read it: by its own tool where it is installed. */
final class Promtool {
  private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
  private static final String LABEL = "[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\\n]|\\\\.)*\"";
  private static final Pattern LINE =
      Pattern.compile(
          "# HELP "
              + NAME
              + " .*|# TYPE "
              + NAME
              + " (?:counter|gauge|histogram|summary|untyped)|"
              + NAME
              + "(?:\\{(?:"
              + LABEL
              + "(?:,"
              + LABEL
              + ")*,?)?})? (?:NaN|[+-]?Inf|-?[0-9.]+(?:[eE][+-]?[0-9]+)?)");

  private Promtool() {}

  static void check(String text, Path folder) throws Exception {
    assertThat(text).endsWith("\n");
    assertThat(text.lines().filter(line -> !LINE.matcher(line).matches())).isEmpty();
    if (isInstalled()) {
      Path file = Files.writeString(folder.resolve("metrics.txt"), text);
      Process promtool =
          new ProcessBuilder("promtool", "check", "metrics")
              .redirectInput(file.toFile())
              .redirectErrorStream(true)
              .start();
      String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      // What it says of Java's own meters is Micrometer's affair; ours are to be without fault.
      assertThat(said.lines().filter(line -> !line.startsWith("jvm_"))).isEmpty();
      assertThat(promtool.waitFor()).isIn(0, 3);
    }
  }

  private static boolean isInstalled() throws IOException {
    try (Stream<Path> folders =
        Pattern.compile(":").splitAsStream(System.getenv("PATH")).map(Path::of)) {
      return folders.anyMatch(folder -> Files.isExecutable(folder.resolve("promtool")));
    }
  }
}
