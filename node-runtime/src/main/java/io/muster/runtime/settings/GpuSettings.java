package io.muster.runtime.settings;

import java.util.List;

/** The settings of a worker's GPU monitor. */
public final class GpuSettings {
  private static final int DAY_MS = 86_400_000;

  static final Group GROUP = Group.ofWorker("GPUs");

  public static final Setting<String> GPU_MONITOR =
      GROUP.choice(
          "GPU_MONITOR",
          List.of("auto", "on", "off"),
          "auto",
          "Watches NVIDIA's GPUs where there are any (`auto`); `on` makes it part of the health that"
              + " there are.");
  public static final Setting<Integer> GPU_INTERVAL_MS =
      GROUP.number("GPU_INTERVAL_MS", 100, DAY_MS, 5000, "How often they are looked at.");
  public static final Setting<String> NVML_LIBRARY =
      GROUP.text(
          "NVML_LIBRARY",
          "name or path",
          "libnvidia-ml.so.1",
          "The driver's management library (`nvml.dll` on Windows).");

  private GpuSettings() {}
}
