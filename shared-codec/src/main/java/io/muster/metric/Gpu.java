package io.muster.metric;

import java.util.List;

/**
 * One GPU of a machine at one moment. Sizes are bytes; a negative number, or a text that is null,
 * means that the driver does not tell.
 *
 * @param id its index, by which containers ask for it; -1 for one that the driver lists no more
 * @param uuid the same for ever
 * @param temperatureC degrees Celsius
 * @param memoryTotal bytes
 * @param memoryUsed bytes
 * @param utilisation share of the last moments in which it computed, 0 to 1
 * @param powerW watts
 * @param busy whether a process computes on it, or something keeps it occupied
 * @param processes those that the driver tells of, the biggest first and only so many
 * @param problem why it cannot be used, null for a GPU that can
 */
public record Gpu(
    int id,
    String uuid,
    String name,
    double temperatureC,
    long memoryTotal,
    long memoryUsed,
    double utilisation,
    double powerW,
    boolean busy,
    List<Process> processes,
    String problem) {
  public Gpu {
    processes = processes == null ? List.of() : List.copyOf(processes);
  }

  /**
   * The same GPU, which can no longer be asked: only what does not change is still told.
   *
   * @param index -1 when it has none any more
   */
  public Gpu failed(int index, String why) {
    return new Gpu(index, uuid, name, -1, memoryTotal, -1, -1, -1, false, List.of(), why);
  }

  /**
   * A process on a GPU.
   *
   * @param pid as the driver's name space counts, which is not a container's
   * @param name the program's file name, null where it is not known
   * @param memoryUsed bytes of the GPU's memory
   */
  public record Process(long pid, String name, long memoryUsed) {}
}
