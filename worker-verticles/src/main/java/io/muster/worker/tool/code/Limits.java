package io.muster.worker.tool.code;

/**
 * What a run may take.
 *
 * @param memoryBytes of all of it where the sandbox can count that, else of each process
 * @param cpuSeconds of each process
 * @param pids processes and threads
 * @param diskBytes that it may write
 * @param outputBytes kept of each of its two outputs
 */
record Limits(long memoryBytes, int cpuSeconds, int pids, long diskBytes, int outputBytes) {}
