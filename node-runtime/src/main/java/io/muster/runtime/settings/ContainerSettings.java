package io.muster.runtime.settings;

import java.util.List;

/** The settings of containers and of model servers that run in them. */
public final class ContainerSettings {
  private static final int DAY_MS = 86_400_000;

  static final Group OF_WORKER = Group.ofWorker("Containers");

  public static final Setting<Boolean> ENABLE_CONTAINERS =
      OF_WORKER.flag(
          "ENABLE_CONTAINERS",
          false,
          "Lets administrators run containers on this machine, as far as the settings below allow.");
  public static final Setting<String> CONTAINER_ENGINE =
      OF_WORKER.text(
          "CONTAINER_ENGINE",
          "unix:// and a path",
          "unix:///var/run/docker.sock",
          "The Docker engine's socket.",
          "DOCKER_HOST");
  public static final Setting<String> CONTAINER_NETWORK =
      OF_WORKER.name(
          "CONTAINER_NETWORK", "bridge", "The engine's network that containers are connected to.");
  public static final Setting<String> CONTAINER_PORT_HOST =
      OF_WORKER.text(
          "CONTAINER_PORT_HOST",
          "an address",
          "127.0.0.1",
          "Where the ports of containers are bound unless `host_ip` says otherwise.");
  public static final Setting<String> CONTAINER_GPUS =
      OF_WORKER.text(
          "CONTAINER_GPUS",
          "auto, none, or indexes between commas",
          "auto",
          "The GPUs that containers may have; `auto`: those that the GPU monitor sees.");
  public static final Setting<Integer> CONTAINER_MEMORY_MB =
      OF_WORKER.number(
          "CONTAINER_MEMORY_MB",
          0,
          0,
          "MiB that the containers' memory limits may add up to, and each has to have one; 0: the"
              + " engine's machine, and a container may do without.");
  public static final Setting<Integer> CONTAINER_MAX =
      OF_WORKER.number("CONTAINER_MAX", 1, 10_000, 64, "How many claims there may be at once.");
  public static final Setting<Integer> CONTAINER_PIDS =
      OF_WORKER.number(
          "CONTAINER_PIDS",
          16,
          4_194_304,
          4_096,
          "Processes and threads of one container, where it does not ask for less.");
  public static final Setting<List<String>> CONTAINER_IMAGES =
      OF_WORKER.names(
          "CONTAINER_IMAGES",
          "Images that may be run, `*` standing for anything (`vllm/*`); none given: all.");
  public static final Setting<List<String>> CONTAINER_ALLOW =
      OF_WORKER.names(
          "CONTAINER_ALLOW",
          "What is refused otherwise: `privileged`, `host-network`, `host-pid`, `host-ipc`,"
              + " `engine-socket`, `public-ports`.");
  public static final Setting<List<String>> CONTAINER_MOUNTS =
      OF_WORKER.names(
          "CONTAINER_MOUNTS",
          "Folders of this machine that may be mounted, each exactly as written; `/path:ro`: for"
              + " reading alone.");
  public static final Setting<List<String>> CONTAINER_DEVICES =
      OF_WORKER.names("CONTAINER_DEVICES", "Devices that containers may have (`/dev/fuse`).");
  public static final Setting<List<String>> CONTAINER_CAPABILITIES =
      OF_WORKER.names("CONTAINER_CAPABILITIES", "Capabilities that may be added (`SYS_NICE`).");
  public static final Setting<Integer> CONTAINER_ENGINE_TIMEOUT_MS =
      OF_WORKER.number(
          "CONTAINER_ENGINE_TIMEOUT_MS",
          100,
          DAY_MS,
          15_000,
          "How long the engine may take to answer.");
  public static final Setting<Integer> CONTAINER_PULL_TIMEOUT_MS =
      OF_WORKER.number(
          "CONTAINER_PULL_TIMEOUT_MS",
          1_000,
          DAY_MS,
          3_600_000,
          "How long the fetching of an image may take.");
  public static final Setting<Integer> CONTAINER_LOOK_MS =
      OF_WORKER.number(
          "CONTAINER_LOOK_MS",
          50,
          DAY_MS,
          5_000,
          "How often the engine is looked at beside what it tells by itself.");
  public static final Setting<Integer> CONTAINER_RESTART_BASE_MS =
      OF_WORKER.number(
          "CONTAINER_RESTART_BASE_MS",
          1,
          DAY_MS,
          1_000,
          "Before a container that ended is started again; twice as long each further time.");
  public static final Setting<Integer> CONTAINER_RESTART_MAX_MS =
      OF_WORKER.number(
          "CONTAINER_RESTART_MAX_MS", 1, DAY_MS, 60_000, "And never longer than this.");
  public static final Setting<Integer> CONTAINER_MAX_STREAMS =
      OF_WORKER.number(
          "CONTAINER_MAX_STREAMS", 1, 256, 16, "How many may follow containers at once.");
  public static final Setting<Integer> MODEL_SERVER_HEALTH_MS =
      OF_WORKER.number(
          "MODEL_SERVER_HEALTH_MS",
          50,
          DAY_MS,
          2_000,
          "How often a model server's health is asked for.");
  public static final Setting<Integer> MODEL_SERVER_HEALTH_FAILURES =
      OF_WORKER.number(
          "MODEL_SERVER_HEALTH_FAILURES",
          1,
          1_000,
          5,
          "So often in a row without an answer, and a model server is started again.");

  // ---------------------------------------------------------------------------------------------
  static final Group OF_HUB = Group.ofHub("Containers and model servers");

  public static final Setting<Integer> CONTAINER_ORDER_TIMEOUT_MS =
      OF_HUB.number(
          "CONTAINER_ORDER_TIMEOUT_MS",
          100,
          600_000,
          45_000,
          "How long a node may take to answer what is asked of its containers.");
  public static final Setting<Integer> MODEL_SERVER_LOOK_MS =
      OF_HUB.number(
          "MODEL_SERVER_LOOK_MS",
          50,
          DAY_MS,
          3_000,
          "How often the hub looks whether model servers run where they should.");
  public static final Setting<Integer> MODEL_SERVER_MOVE_AFTER_MS =
      OF_HUB.number(
          "MODEL_SERVER_MOVE_AFTER_MS",
          0,
          DAY_MS,
          30_000,
          "How long a node may be away, or fail to run it, before its model server is moved.");

  private ContainerSettings() {}
}
