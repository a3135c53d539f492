package io.muster.runtime.monitor;

import io.muster.metric.Alarm;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.MonitorSettings;
import io.muster.runtime.settings.Setting;
import io.muster.runtime.settings.Settings;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** What is wrong with a machine, by the limits that the settings give its figures. */
public final class Thresholds {
  private final Map<String, Threshold.Limit> limits;
  private final LongSupplier nanos;
  private final Map<String, Threshold> thresholds = new HashMap<>();
  private final Map<String, Alarm> raised = new TreeMap<>();

  Thresholds(Map<String, Threshold.Limit> limits, LongSupplier nanos) {
    this.limits = Map.copyOf(limits);
    this.nanos = nanos;
  }

  /**
   * By the settings.
   *
   * @param nanos a clock like {@link System#nanoTime}
   * @throws StartRefused when a figure would be cleared at a higher one than it is raised at
   */
  public static Thresholds of(Settings settings, LongSupplier nanos) {
    Map<String, Threshold.Limit> limits = new HashMap<>();
    Duration cpu = Duration.ofMillis(settings.get(MonitorSettings.ALARM_CPU_FOR_MS));
    Duration others = Duration.ofMillis(settings.get(MonitorSettings.ALARM_FOR_MS));
    put(
        limits,
        Alarm.CPU,
        settings,
        MonitorSettings.ALARM_CPU_PERCENT,
        MonitorSettings.ALARM_CPU_CLEAR_PERCENT,
        100,
        cpu);
    put(
        limits,
        Alarm.MEMORY,
        settings,
        MonitorSettings.ALARM_MEMORY_PERCENT,
        MonitorSettings.ALARM_MEMORY_CLEAR_PERCENT,
        100,
        others);
    put(
        limits,
        Alarm.DISK,
        settings,
        MonitorSettings.ALARM_DISK_PERCENT,
        MonitorSettings.ALARM_DISK_CLEAR_PERCENT,
        100,
        others);
    put(
        limits,
        Alarm.GPU_TEMPERATURE,
        settings,
        MonitorSettings.ALARM_GPU_TEMPERATURE_C,
        MonitorSettings.ALARM_GPU_TEMPERATURE_CLEAR_C,
        1,
        others);
    return new Thresholds(limits, nanos);
  }

  private static void put(
      Map<String, Threshold.Limit> limits,
      String metric,
      Settings settings,
      Setting<Integer> raise,
      Setting<Integer> clear,
      double unit,
      Duration lasting) {
    int high = settings.get(raise);
    int low = settings.get(clear);
    if (high == 0) {
      return;
    }
    if (low >= high) {
      throw new StartRefused(
          "%s=%d (%s) must be lower than %s=%d (%s), or a node would be well and not at once"
              .formatted(
                  clear.name(),
                  low,
                  settings.source(clear).label(),
                  raise.name(),
                  high,
                  settings.source(raise).label()));
    }
    limits.put(metric, new Threshold.Limit(high / unit, low / unit, lasting));
  }

  /** What is wrong, as of this sample; the same alarm keeps the time at which it was raised. */
  public List<Alarm> update(Sample sample) {
    Set<String> seen = new HashSet<>();
    look(seen, sample, Alarm.CPU, null, sample.cpu());
    look(seen, sample, Alarm.MEMORY, null, share(sample.memoryUsed(), sample.memoryTotal()));
    for (Sample.Disk disk : sample.disks()) {
      look(seen, sample, Alarm.DISK, disk.mount(), share(disk.total() - disk.free(), disk.total()));
    }
    for (Gpu gpu : sample.gpus()) {
      // One that cannot be asked any more would stay hot for ever.
      if (gpu.problem() == null) {
        look(seen, sample, Alarm.GPU_TEMPERATURE, "GPU " + gpu.id(), gpu.temperatureC());
      }
    }
    // A disk that was taken out is full no more.
    thresholds.keySet().retainAll(seen);
    raised.keySet().retainAll(seen);
    return List.copyOf(raised.values());
  }

  private void look(Set<String> seen, Sample sample, String metric, String of, double figure) {
    Threshold.Limit limit = limits.get(metric);
    if (limit == null) {
      return;
    }
    String key = of == null ? metric : metric + " " + of;
    seen.add(key);
    boolean high =
        thresholds
            .computeIfAbsent(key, k -> new Threshold(limit))
            .update(figure, nanos.getAsLong());
    if (high) {
      Alarm before = raised.get(key);
      long since = before == null ? sample.at() : before.since();
      double shown = figure < 0 && before != null ? before.value() : figure;
      raised.put(key, new Alarm(metric, of, shown, limit.raise(), since));
    } else {
      raised.remove(key);
    }
  }

  private static double share(long part, long whole) {
    return whole <= 0 || part < 0 ? -1 : (double) part / whole;
  }
}
