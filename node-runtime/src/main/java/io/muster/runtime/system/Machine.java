package io.muster.runtime.system;

import com.sun.management.OperatingSystemMXBean;
import io.muster.metric.Sample;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import oshi.SystemInfo;
import oshi.hardware.CentralProcessor;
import oshi.hardware.GlobalMemory;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.hardware.NetworkIF;
import oshi.hardware.VirtualMemory;
import oshi.software.os.OSProcess;
import oshi.software.os.OperatingSystem;

/**
 * Reads the figures of this machine and process with OSHI. Every call blocks, the first one longest
 * (it loads native libraries): never to be used on an event loop. Not for several threads at once.
 */
final class Machine {
  private static final int UNKNOWN = -1;

  private final Path dataDir;
  private final Clock clock;
  private final OperatingSystemMXBean jvm =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
  private final HardwareAbstractionLayer hardware;
  private final OperatingSystem system;
  private final CentralProcessor processor;
  private long[] ticks;
  private long processCpuNanos;
  private long readAtNanos;
  private final Sensors sensors = new Sensors();
  private final ContainerMemory container = new ContainerMemory();
  private long[] netBefore;
  private long netReadAtNanos;

  Machine(Path dataDir, Clock clock) {
    this.dataDir = dataDir;
    this.clock = clock;
    NativePaths.prepare();
    SystemInfo info = new SystemInfo();
    hardware = info.getHardware();
    system = info.getOperatingSystem();
    processor = hardware.getProcessor();
    ticks = processor.getSystemCpuLoadTicks();
    processCpuNanos = jvm.getProcessCpuTime();
    readAtNanos = System.nanoTime();
  }

  /** Reads everything; shares are of the time since the reading before. */
  Sample read() {
    GlobalMemory memory = hardware.getMemory();
    VirtualMemory swap = memory.getVirtualMemory();
    long total = memory.getTotal();
    ContainerMemory.Memory here =
        container
            .read(total)
            .orElseGet(() -> new ContainerMemory.Memory(total, total - memory.getAvailable()));
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    OSProcess process = system.getCurrentProcess();
    long[] disk = disk();
    long[] net = net();
    double[] rates = rates(net);
    return new Sample(
        clock.millis(),
        processor.getLogicalProcessorCount(),
        cpu(),
        processor.getSystemLoadAverage(1)[0],
        here.limit(),
        here.used(),
        swap.getSwapTotal(),
        swap.getSwapUsed(),
        disk[0],
        disk[1],
        net[0],
        net[1],
        connections(),
        processCpu(),
        process == null ? UNKNOWN : process.getResidentMemory(),
        heap.getUsed(),
        heap.getMax(),
        ManagementFactory.getRuntimeMXBean().getUptime(),
        rates[0],
        rates[1],
        Disks.of(system, dataDir),
        sensors.read(),
        List.of(),
        List.of());
  }

  private double cpu() {
    long[] before = ticks;
    ticks = processor.getSystemCpuLoadTicks();
    return share(processor.getSystemCpuLoadBetweenTicks(before, ticks));
  }

  private double processCpu() {
    long cpuBefore = processCpuNanos;
    long readBefore = readAtNanos;
    processCpuNanos = jvm.getProcessCpuTime();
    readAtNanos = System.nanoTime();
    double available =
        (double) (readAtNanos - readBefore) * Math.max(1, jvm.getAvailableProcessors());
    return available <= 0 || processCpuNanos < 0
        ? UNKNOWN
        : share((processCpuNanos - cpuBefore) / available);
  }

  private static double share(double value) {
    return Double.isFinite(value) ? Math.min(1, Math.max(0, value)) : UNKNOWN;
  }

  /** Bytes in all and usable ones, of the file system where the data is or will be. */
  private long[] disk() {
    Path folder = dataDir.toAbsolutePath();
    while (folder != null && !Files.exists(folder)) {
      folder = folder.getParent();
    }
    try {
      if (folder != null) {
        FileStore store = Files.getFileStore(folder);
        return new long[] {store.getTotalSpace(), store.getUsableSpace()};
      }
    } catch (IOException e) {
      // Said by the figures.
    }
    return new long[] {UNKNOWN, UNKNOWN};
  }

  /** Bytes received and sent, each once; OSHI leaves loopback out. */
  private long[] net() {
    long received = 0;
    long sent = 0;
    List<NetworkIF> networks = hardware.getNetworkIFs(false);
    List<String> counted = Nics.counted(networks.stream().map(NetworkIF::getName).toList());
    for (NetworkIF network : networks) {
      if (counted.contains(network.getName())) {
        received += network.getBytesRecv();
        sent += network.getBytesSent();
      }
    }
    return new long[] {received, sent};
  }

  /**
   * Bytes a second received and sent, since the reading before; unknown after a counter began anew.
   */
  private double[] rates(long[] net) {
    long now = System.nanoTime();
    long[] before = netBefore;
    double seconds = (now - netReadAtNanos) / 1e9;
    netBefore = net;
    netReadAtNanos = now;
    if (before == null || seconds <= 0 || net[0] < before[0] || net[1] < before[1]) {
      return new double[] {UNKNOWN, UNKNOWN};
    }
    return new double[] {(net[0] - before[0]) / seconds, (net[1] - before[1]) / seconds};
  }

  /** On Linux, the count that is called TCPv4's is of both versions. */
  private int connections() {
    var stats = system.getInternetProtocolStats();
    long established = stats.getTCPv4Stats().getConnectionsEstablished();
    return (int) Math.min(Integer.MAX_VALUE, established);
  }
}
