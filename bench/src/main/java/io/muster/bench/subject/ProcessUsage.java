package io.muster.bench.subject;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process has used, from Linux's {@code /proc}. */
public final class ProcessUsage {
  /** Linux shows CPU times in hundredths of a second on every architecture. */
  private static final long MICROS_A_TICK = 10_000;

  private ProcessUsage() {}

  /** User and system CPU time since the process started, in microseconds, in steps of 10 ms. */
  public static long cpuMicros(long pid) {
    String stat = read(pid, "stat");
    // The second field is the program's name in brackets and may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * MICROS_A_TICK;
  }

  /** Resident memory in KiB ({@code VmRSS}). */
  public static long residentKib(long pid) {
    return read(pid, "status")
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
  }
}
