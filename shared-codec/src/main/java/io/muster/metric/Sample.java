package io.muster.metric;

/**
 * What a machine and its Muster process did at one moment. Sizes are bytes, shares are 0 to 1, a
 * negative number means that the machine does not tell.
 *
 * @param at milliseconds since 1970
 * @param cpu share of all processors in use, since the sample before
 * @param load load average over a minute
 * @param memoryTotal bytes
 * @param memoryUsed bytes that are not available to programs
 * @param swapTotal bytes
 * @param swapUsed bytes
 * @param diskTotal bytes, of the file system with the node's data
 * @param diskFree bytes usable by the process
 * @param netReceived bytes over all interfaces but loopback since the machine started
 * @param netSent bytes, likewise
 * @param connections established TCP connections of the machine
 * @param processCpu share of all processors that this process used, since the sample before
 * @param processResident bytes of memory that this process occupies
 * @param heapUsed bytes of the Java heap
 * @param heapMax bytes
 * @param uptimeMs milliseconds since the process started
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
    long uptimeMs) {}
