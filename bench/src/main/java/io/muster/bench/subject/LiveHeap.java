package io.muster.bench.subject;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a JVM's heap holds that is still in use, asked of it with {@code jcmd}. */
public final class LiveHeap {
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");

  private LiveHeap() {}

  /**
   * Bytes in use, after a full collection that this causes.
   *
   * @throws IOException if there is no {@code jcmd} beside this JVM, or the process does not answer
   */
  public static long bytes(long pid) throws IOException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .redirectErrorStream(true)
            .start();
    try (InputStream out = jcmd.getInputStream()) {
      String text = new String(out.readAllBytes(), StandardCharsets.UTF_8);
      Matcher total = TOTAL.matcher(text);
      if (!total.find()) {
        throw new IOException("jcmd: " + text.lines().findFirst().orElse("no answer"));
      }
      return Long.parseLong(total.group(1));
    }
  }
}
