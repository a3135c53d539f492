package io.muster.metric;

import java.util.List;

/**
 * What a machine and its Muster process did at one moment. Sizes are bytes, shares are 0 to 1, a
 * negative number means that the machine does not tell.
 *
 * @param at milliseconds since 1970
 * @param cpu share of all processors in use, since the sample before
 * @param load load average over a minute
 * @param memoryTotal bytes, of the container where there is one with a limit
 * @param memoryUsed bytes that are not available to programs
 * @param swapTotal bytes
 * @param swapUsed bytes
 * @param diskTotal bytes, of the file system with the node's data
 * @param diskFree bytes usable by the process
 * @param netReceived bytes over the machine's own network cards since it started, in a container
 *     over its interfaces but loopback
 * @param netSent bytes, likewise
 * @param connections established TCP connections of the machine
 * @param processCpu share of all processors that this process used, since the sample before
 * @param processResident bytes of memory that this process occupies
 * @param heapUsed bytes of the Java heap
 * @param heapMax bytes
 * @param uptimeMs milliseconds since the process started
 * @param netReceiveRate bytes a second received, since the sample before
 * @param netSendRate bytes a second sent, likewise
 * @param disks the machine's file systems, the one with the node's data first; only so many
 * @param temperatures of what has a sensor; only so many
 * @param gpus by their ids
 * @param alarms what the node finds wrong with its machine; none for a node that is well
 */
public record Sample(
    long at,
    int processors,
    double cpu,
    double load,
    long memoryTotal,
    long memoryUsed,
    long swapTotal,
    long swapUsed,
    long diskTotal,
    long diskFree,
    long netReceived,
    long netSent,
    int connections,
    double processCpu,
    long processResident,
    long heapUsed,
    long heapMax,
    long uptimeMs,
    double netReceiveRate,
    double netSendRate,
    List<Disk> disks,
    List<Temperature> temperatures,
    List<Gpu> gpus,
    List<Alarm> alarms) {
  public Sample {
    disks = disks == null ? List.of() : List.copyOf(disks);
    temperatures = temperatures == null ? List.of() : List.copyOf(temperatures);
    gpus = gpus == null ? List.of() : List.copyOf(gpus);
    alarms = alarms == null ? List.of() : List.copyOf(alarms);
  }

  /** Of a machine of which no more is known. */
  public Sample(
      long at,
      int processors,
      double cpu,
      double load,
      long memoryTotal,
      long memoryUsed,
      long swapTotal,
      long swapUsed,
      long diskTotal,
      long diskFree,
      long netReceived,
      long netSent,
      int connections,
      double processCpu,
      long processResident,
      long heapUsed,
      long heapMax,
      long uptimeMs) {
    this(
        at,
        processors,
        cpu,
        load,
        memoryTotal,
        memoryUsed,
        swapTotal,
        swapUsed,
        diskTotal,
        diskFree,
        netReceived,
        netSent,
        connections,
        processCpu,
        processResident,
        heapUsed,
        heapMax,
        uptimeMs,
        -1,
        -1,
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }

  /** The same, with these GPUs. */
  public Sample with(List<Gpu> found) {
    return with(found, alarms);
  }

  /** The same, with these GPUs and alarms. */
  public Sample with(List<Gpu> found, List<Alarm> raised) {
    return new Sample(
        at,
        processors,
        cpu,
        load,
        memoryTotal,
        memoryUsed,
        swapTotal,
        swapUsed,
        diskTotal,
        diskFree,
        netReceived,
        netSent,
        connections,
        processCpu,
        processResident,
        heapUsed,
        heapMax,
        uptimeMs,
        netReceiveRate,
        netSendRate,
        disks,
        temperatures,
        found,
        raised);
  }

  /**
   * A file system.
   *
   * @param mount where it is mounted
   * @param type {@code ext4}, {@code xfs} …
   * @param total bytes
   * @param free bytes usable by the process
   */
  public record Disk(String mount, String type, long total, long free) {}

  /**
   * What a sensor tells.
   *
   * @param sensor what it sits in: {@code cpu}, {@code nvme} …
   * @param celsius degrees
   */
  public record Temperature(String sensor, double celsius) {}
}
