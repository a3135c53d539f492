package io.muster.hub.history;

import io.muster.hub.fleet.NodeView;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which figures of a node are kept, by their names. */
final class Figures {
  /** A machine's GPUs beyond these are not charted. */
  private static final int MAX_GPUS = 16;

  private static final Pattern OF_GPU =
      Pattern.compile("gpu\\.[0-9]{1,2}\\.(utilization|memory|temperature|power)");

  private static final Set<String> NAMES =
      new TreeSet<>(
          Set.of(
              "cpu",
              "load",
              "memory",
              "swap",
              "disk",
              "network_receive",
              "network_send",
              "connections",
              "process_cpu",
              "process_memory",
              "temperature",
              "active",
              "gpu"));

  private Figures() {}

  static boolean isKnown(String name) {
    return NAMES.contains(name) || OF_GPU.matcher(name).matches();
  }

  static String known() {
    return String.join(", ", NAMES) + ", gpu.N.{utilization,memory,temperature,power}";
  }

  /** Those that the node tells; shares are 0 to 1, sizes bytes, rates bytes a second. */
  static Map<String, Double> of(NodeView node) {
    Sample sample = node.sample();
    Map<String, Double> figures = new LinkedHashMap<>();
    put(figures, "cpu", sample.cpu());
    put(figures, "load", sample.load());
    put(figures, "memory", share(sample.memoryUsed(), sample.memoryTotal()));
    put(figures, "swap", share(sample.swapUsed(), sample.swapTotal()));
    put(figures, "disk", share(sample.diskTotal() - sample.diskFree(), sample.diskTotal()));
    put(figures, "network_receive", sample.netReceiveRate());
    put(figures, "network_send", sample.netSendRate());
    put(figures, "connections", sample.connections());
    put(figures, "process_cpu", sample.processCpu());
    put(figures, "process_memory", (double) sample.processResident());
    put(
        figures,
        "temperature",
        sample.temperatures().stream().mapToDouble(Sample.Temperature::celsius).max().orElse(-1));
    put(figures, "active", node.stats() == null ? node.active() : node.stats().active());
    gpus(figures, sample);
    return figures;
  }

  private static void gpus(Map<String, Double> figures, Sample sample) {
    double sum = 0;
    int told = 0;
    for (Gpu gpu : sample.gpus()) {
      if (gpu.utilisation() >= 0) {
        sum += gpu.utilisation();
        told++;
      }
      if (gpu.id() >= 0 && gpu.id() < MAX_GPUS) {
        String name = "gpu." + gpu.id();
        put(figures, name + ".utilization", gpu.utilisation());
        put(figures, name + ".memory", share(gpu.memoryUsed(), gpu.memoryTotal()));
        put(figures, name + ".temperature", gpu.temperatureC());
        put(figures, name + ".power", gpu.powerW());
      }
    }
    put(figures, "gpu", told == 0 ? -1 : sum / told);
  }

  private static void put(Map<String, Double> figures, String name, double value) {
    if (value >= 0) {
      figures.put(name, value);
    }
  }

  private static double share(long part, long whole) {
    return whole <= 0 || part < 0 ? -1 : (double) part / whole;
  }
}
