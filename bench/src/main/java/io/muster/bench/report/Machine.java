package io.muster.bench.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the figures were taken on, from Linux's {@code /proc}. */
public final class Machine {
  private Machine() {}

  /** The facts in the order of the report. */
  public static Map<String, String> describe() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("CPU", Runtime.getRuntime().availableProcessors() + " × " + cpuModel());
    facts.put("Memory", memory());
    facts.put(
        "System",
        value("/etc/os-release", "PRETTY_NAME", "=") + ", Linux " + property("os.version"));
    facts.put("JDK", property("java.vm.name") + " " + property("java.runtime.version"));
    return facts;
  }

  /** Load averages over 1, 5 and 15 minutes. */
  public static String loadAverage() {
    return read("/proc/loadavg").replaceAll("^(\\S+ \\S+ \\S+).*", "$1").strip();
  }

  /** CPU time used on this machine by anybody since it started, in microseconds. */
  public static long busyMicros() {
    long[] ticks =
        Arrays.stream(read("/proc/stat").lines().findFirst().orElseThrow().trim().split("\\s+", -1))
            .skip(1)
            .mapToLong(Long::parseLong)
            .toArray();
    long idle = ticks[3] + ticks[4];
    long guest = ticks[8] + ticks[9]; // contained in user and nice
    return (Arrays.stream(ticks).sum() - idle - guest) * 10_000;
  }

  private static String cpuModel() {
    String model = value("/proc/cpuinfo", "model name", ":");
    return model.equals("?") ? property("os.arch") : model + " (" + property("os.arch") + ")";
  }

  private static String memory() {
    long kib = Long.parseLong(value("/proc/meminfo", "MemTotal", ":").replaceAll("\\D", ""));
    return Math.round(kib / 1048576.0) + " GiB";
  }

  private static String value(String file, String key, String separator) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(separator) + 1).replace("\"", "").strip())
        .findFirst()
        .orElse("?");
  }

  private static String property(String name) {
    return System.getProperty(name, "?");
  }

  private static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
