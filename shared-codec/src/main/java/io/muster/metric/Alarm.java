package io.muster.metric;

import java.util.Locale;

/**
 * A figure of a machine that has been beyond what is good for it for some time.
 *
 * @param metric {@code cpu}, {@code memory}, {@code disk} or {@code gpu_temperature}
 * @param of which disk (its mount) or GPU ({@code GPU 0}), null for the machine
 * @param value a share from 0 to 1, or degrees Celsius
 * @param limit the one it reached, in the same unit
 * @param since milliseconds since 1970
 */
public record Alarm(String metric, String of, double value, double limit, long since) {
  public static final String CPU = "cpu";
  public static final String MEMORY = "memory";
  public static final String DISK = "disk";
  public static final String GPU_TEMPERATURE = "gpu_temperature";

  /** For people: {@code disk / at 97% (limit 95%)}. */
  public String text() {
    String what = of == null ? metric : metric.equals(DISK) ? metric + " " + of : of;
    return what + " at " + shown(value) + " (limit " + shown(limit) + ")";
  }

  private String shown(double figure) {
    return metric.equals(GPU_TEMPERATURE)
        ? String.format(Locale.ROOT, "%.0f °C", figure)
        : String.format(Locale.ROOT, "%.0f%%", figure * 100);
  }

  /** What stays the same while it lasts. */
  public String key() {
    return of == null ? metric : metric + " " + of;
  }
}
