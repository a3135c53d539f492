package io.muster.runtime.settings;

import java.util.List;

/** The settings of what is watched of machines, and of what hubs keep of it. */
public final class MonitorSettings {
  private static final int DAY_MS = 86_400_000;
  private static final int MIB_OF_A_PEBIBYTE = 1 << 30;

  private static final Group WORKER = Group.ofWorker("Monitoring");

  public static final Setting<Integer> ALARM_CPU_PERCENT =
      WORKER.number(
          "ALARM_CPU_PERCENT",
          0,
          100,
          95,
          "A node whose processors are in use by this much is `degraded`; 0: never.");
  public static final Setting<Integer> ALARM_CPU_CLEAR_PERCENT =
      WORKER.number("ALARM_CPU_CLEAR_PERCENT", 0, 100, 85, "And at this much well again.");
  public static final Setting<Integer> ALARM_CPU_FOR_MS =
      WORKER.number(
          "ALARM_CPU_FOR_MS",
          0,
          DAY_MS,
          300_000,
          "How long it must have been so, for either; computing is what a node is for.");
  public static final Setting<Integer> ALARM_MEMORY_PERCENT =
      WORKER.number("ALARM_MEMORY_PERCENT", 0, 100, 95, "Likewise, of the memory; 0: never.");
  public static final Setting<Integer> ALARM_MEMORY_CLEAR_PERCENT =
      WORKER.number("ALARM_MEMORY_CLEAR_PERCENT", 0, 100, 90, "And well again.");
  public static final Setting<Integer> ALARM_DISK_PERCENT =
      WORKER.number("ALARM_DISK_PERCENT", 0, 100, 95, "Likewise, of any disk; 0: never.");
  public static final Setting<Integer> ALARM_DISK_CLEAR_PERCENT =
      WORKER.number("ALARM_DISK_CLEAR_PERCENT", 0, 100, 90, "And well again.");
  public static final Setting<Integer> ALARM_GPU_TEMPERATURE_C =
      WORKER.number(
          "ALARM_GPU_TEMPERATURE_C", 0, 200, 90, "Likewise, any GPU's temperature; 0: never.");
  public static final Setting<Integer> ALARM_GPU_TEMPERATURE_CLEAR_C =
      WORKER.number("ALARM_GPU_TEMPERATURE_CLEAR_C", 0, 200, 85, "And well again.");
  public static final Setting<Integer> ALARM_FOR_MS =
      WORKER.number(
          "ALARM_FOR_MS", 0, DAY_MS, 60_000, "How long memory, disks and GPUs must have been so.");
  public static final Setting<Integer> DISK_DRAIN_FREE_MB =
      WORKER.number(
          "DISK_DRAIN_FREE_MB",
          0,
          MIB_OF_A_PEBIBYTE,
          256,
          "With less room than this (MiB) for its data a node takes no new work; 0: never.");
  public static final Setting<Integer> DISK_RESUME_FREE_MB =
      WORKER.number(
          "DISK_RESUME_FREE_MB",
          0,
          MIB_OF_A_PEBIBYTE,
          512,
          "With this much again it does; more than `DISK_DRAIN_FREE_MB`.");

  private static final Group HUB = Group.ofHub("History of nodes' figures");

  public static final Setting<Integer> HISTORY_RAW_MINUTES =
      HUB.number(
          "HISTORY_RAW_MINUTES",
          0,
          1_440,
          60,
          "How long a hub keeps nodes' figures of every 10 s; 0: not at all.");
  public static final Setting<Integer> HISTORY_MINUTE_HOURS =
      HUB.number(
          "HISTORY_MINUTE_HOURS", 0, 720, 24, "How long those of every minute; 0: not at all.");
  public static final Setting<Integer> HISTORY_TEN_MINUTE_DAYS =
      HUB.number(
          "HISTORY_TEN_MINUTE_DAYS",
          0,
          3_660,
          30,
          "How long those of every ten minutes; 0: not at all.");
  public static final Setting<Integer> HISTORY_MAX_NODES =
      HUB.number(
          "HISTORY_MAX_NODES",
          0,
          1_000_000,
          1_000,
          "Of so many nodes at most; those that were seen first.");

  static final List<Group> GROUPS = List.of(WORKER, HUB);

  private MonitorSettings() {}
}
