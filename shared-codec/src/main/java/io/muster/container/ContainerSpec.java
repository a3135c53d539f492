package io.muster.container;

import java.util.List;

/**
 * A container as it is asked for. What is not asked for is 0, empty, null or false.
 *
 * @param claimId who wants it: the same claim asked for twice is one container
 * @param gpuIds these GPUs, by their index on the node
 * @param gpus so many GPUs, whichever are free; 0 where {@code gpuIds} says which
 * @param memory bytes that it may use
 * @param cpus processors that it may use, 0.5 for half of one
 * @param sharedMemory bytes of /dev/shm
 * @param pids processes and threads that it may have
 * @param tags what the node has to be tagged with
 * @param restart when it is started again after it ended
 * @param pull when the image is fetched
 * @param rights what goes beyond a container's usual rights
 * @param server the models that it serves, null for none
 */
public record ContainerSpec(
    String claimId,
    String image,
    List<Integer> gpuIds,
    int gpus,
    List<PortMapping> ports,
    List<String> env,
    List<String> command,
    List<String> entrypoint,
    String workingDir,
    String user,
    long memory,
    double cpus,
    long sharedMemory,
    int pids,
    List<String> tags,
    Restart restart,
    Pull pull,
    Rights rights,
    ModelServer server) {

  public ContainerSpec {
    gpuIds = copy(gpuIds);
    ports = copy(ports);
    env = copy(env);
    command = copy(command);
    entrypoint = copy(entrypoint);
    tags = copy(tags);
    restart = restart == null ? Restart.INTERRUPTED : restart;
    pull = pull == null ? Pull.MISSING : pull;
    rights = rights == null ? Rights.NONE : rights;
  }

  /** When a container that ended is started again. */
  public enum Restart {
    NO,
    /** When the engine or the machine ended it, not it itself. */
    INTERRUPTED,
    ON_FAILURE,
    ALWAYS
  }

  /** When an image is fetched. */
  public enum Pull {
    MISSING,
    ALWAYS,
    NEVER
  }

  /**
   * A port of the container that the node offers as one of its own.
   *
   * @param hostIp null for the node's usual address, loopback
   * @param hostPort 0 for any that is free
   * @param protocol tcp or udp
   */
  public record PortMapping(String hostIp, int hostPort, int containerPort, String protocol) {}

  /**
   * What the node's owner has to have allowed.
   *
   * @param network null or {@code bridge}, {@code none}, {@code host}
   * @param pid {@code host} or null
   * @param ipc {@code host} or null
   * @param devices paths on the node
   */
  public record Rights(
      boolean privileged,
      String network,
      String pid,
      String ipc,
      List<Mount> mounts,
      List<String> devices,
      List<String> capabilities) {
    public static final Rights NONE =
        new Rights(false, null, null, null, List.of(), List.of(), List.of());

    public Rights {
      mounts = copy(mounts);
      devices = copy(devices);
      capabilities = copy(capabilities);
    }
  }

  /**
   * A folder of the node, or a volume, in the container.
   *
   * @param source an absolute path on the node, or the name of a volume
   */
  public record Mount(String source, String target, boolean readOnly) {}

  /**
   * A container that answers as OpenAI's API does.
   *
   * @param name as people call it; its provider's name on the node
   * @param port the container's
   * @param healthPath answers 200 once models can be used
   * @param models as clients name them; empty for those that the server lists
   * @param startTimeoutMs milliseconds within which its health has to answer
   */
  public record ModelServer(
      String name, int port, String healthPath, List<String> models, long startTimeoutMs) {
    public ModelServer {
      models = copy(models);
    }
  }

  /** How many GPUs it takes. */
  public int gpuCount() {
    return gpuIds.isEmpty() ? gpus : gpuIds.size();
  }

  /** The same without what may be secret. */
  public ContainerSpec withoutEnv() {
    return with(claimId, env.stream().map(ContainerSpec::nameOf).toList());
  }

  /** The same for another claim. */
  public ContainerSpec withClaim(String other) {
    return with(other, env);
  }

  private ContainerSpec with(String claim, List<String> variables) {
    return new ContainerSpec(
        claim,
        image,
        gpuIds,
        gpus,
        ports,
        variables,
        command,
        entrypoint,
        workingDir,
        user,
        memory,
        cpus,
        sharedMemory,
        pids,
        tags,
        restart,
        pull,
        rights,
        server);
  }

  /** The name in {@code NAME=value}. */
  public static String nameOf(String variable) {
    int end = variable.indexOf('=');
    return end < 0 ? variable : variable.substring(0, end);
  }

  private static <T> List<T> copy(List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }
}
