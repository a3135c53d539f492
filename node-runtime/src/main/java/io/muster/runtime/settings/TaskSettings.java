package io.muster.runtime.settings;

import java.util.List;

/** The settings of tasks, at the hub and at the workers that run them. */
public final class TaskSettings {
  private static final int DAY_MS = 86_400_000;

  // ---------------------------------------------------------------------------------------------
  static final Group OF_HUB = Group.ofHub("Tasks");

  public static final Setting<Integer> TASK_QUEUE_SIZE =
      OF_HUB.number(
          "TASK_QUEUE_SIZE",
          1,
          10_000_000,
          20_000,
          "Tasks that a hub lets wait for a node or for other tasks; more get 429.");
  public static final Setting<Integer> TASK_TIMEOUT_MS =
      OF_HUB.number(
          "TASK_TIMEOUT_MS",
          1,
          DAY_MS,
          60_000,
          "How long one attempt may take, where the task does not say.");
  public static final Setting<Integer> TASK_RETRIES =
      OF_HUB.number(
          "TASK_RETRIES",
          0,
          100,
          3,
          "Further attempts after one that failed, where the task does not say.");
  public static final Setting<Integer> TASK_MAX_LOSSES =
      OF_HUB.number(
          "TASK_MAX_LOSSES",
          0,
          1_000,
          10,
          "A task whose node was lost more often than this is dead: it may be what kills them.");
  public static final Setting<Integer> TASK_BACKOFF_MS =
      OF_HUB.number(
          "TASK_BACKOFF_MS",
          1,
          DAY_MS,
          1_000,
          "Before the first further attempt; twice as long before each one after, with jitter.");
  public static final Setting<Integer> TASK_BACKOFF_MAX_MS =
      OF_HUB.number("TASK_BACKOFF_MAX_MS", 1, DAY_MS, 60_000, "And never longer than this.");
  public static final Setting<Integer> TASK_AGE_STEP_MS =
      OF_HUB.number(
          "TASK_AGE_STEP_MS",
          1,
          DAY_MS,
          10_000,
          "A task that has waited so long counts as one step of priority more.");
  public static final Setting<Integer> TASK_LEASE_MS =
      OF_HUB.number(
          "TASK_LEASE_MS",
          300,
          DAY_MS,
          15_000,
          "How long a hub that is not heard of keeps its tasks before another takes them.");
  public static final Setting<Integer> TASK_NODE_GRACE_MS =
      OF_HUB.number(
          "TASK_NODE_GRACE_MS",
          0,
          DAY_MS,
          10_000,
          "How long a hub that took over tasks waits for the nodes that run them.");
  public static final Setting<Integer> TASK_MAX_ARGS_BYTES =
      OF_HUB.number("TASK_MAX_ARGS_BYTES", 2, 16 << 20, 262_144, "Of a task's `toolArgs`.");
  public static final Setting<Integer> TASK_KEEP_MINUTES =
      OF_HUB.number(
          "TASK_KEEP_MINUTES",
          1,
          Integer.MAX_VALUE,
          1_440,
          "How long a task that has ended can be asked for.");
  public static final Setting<Integer> TASK_SCALE_OUT_QUEUE =
      OF_HUB.number(
          "TASK_SCALE_OUT_QUEUE",
          1,
          10_000_000,
          100,
          "Tasks that wait this many at once for 10 s raise the event `scale_out_wanted`.");

  // ---------------------------------------------------------------------------------------------
  static final Group OF_WORKER = Group.ofWorker("Tools");

  public static final Setting<String> DEMO_TOOLS =
      OF_WORKER.choice(
          "DEMO_TOOLS",
          List.of("auto", "on", "off"),
          "auto",
          "The tools `echo` and `sleep`: when the demo model is on (`auto`), always, or never.");
  public static final Setting<Integer> TASK_MAX_RESULT_BYTES =
      OF_WORKER.number(
          "TASK_MAX_RESULT_BYTES", 1_024, 16 << 20, 1_048_576, "Of one result of a tool.");
  public static final Setting<Integer> TASK_UNACKED_RESULTS =
      OF_WORKER.number(
          "TASK_UNACKED_RESULTS",
          1,
          1_000_000,
          1_000,
          "Results kept while no hub takes them; a worker that has so many takes no new task.");

  private TaskSettings() {}
}
