package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.PortMapping;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which claim has which GPUs, ports and how much memory. One thread uses it, and nothing is waited
 * for between a look and a reservation: so no two claims ever have the same.
 */
final class Reservations {
  private final int mostClaims;
  private final Map<Integer, String> gpus = new HashMap<>();
  private final Map<String, String> ports = new HashMap<>();
  private final Map<String, Long> memory = new HashMap<>();
  private final Set<String> foreign = new HashSet<>();

  /**
   * @param mostClaims at once
   */
  Reservations(int mostClaims) {
    this.mostClaims = mostClaims;
  }

  /**
   * What there is.
   *
   * @param gpus by index, those that nobody computes on first
   * @param memory bytes
   */
  record Stock(List<Integer> gpus, long memory) {
    Stock {
      gpus = List.copyOf(gpus);
    }
  }

  /**
   * Takes all that a claim needs, or nothing.
   *
   * @return the GPUs that it has now
   * @throws FaultException CONFLICT where somebody has what it names, NO_CAPACITY where too little
   *     is left, BAD_REQUEST for what there is not
   */
  List<Integer> take(ContainerSpec spec, Stock stock) {
    String claim = spec.claimId();
    if (!memory.containsKey(claim) && memory.size() >= mostClaims) {
      throw new FaultException(
          Failure.NO_CAPACITY,
          "There are " + mostClaims + " claims already, which is the limit (CONTAINER_MAX).");
    }
    List<Integer> chosen = spec.gpuIds().isEmpty() ? choose(spec, stock) : named(spec, stock);
    Set<String> wanted = portsOf(spec);
    if (spec.memory() > freeMemory(stock)) {
      throw new FaultException(
          Failure.NO_CAPACITY,
          "'memory': %d bytes are wanted, %d are left on this node."
              .formatted(spec.memory(), freeMemory(stock)));
    }
    chosen.forEach(gpu -> gpus.put(gpu, claim));
    wanted.forEach(port -> ports.put(port, claim));
    memory.put(claim, spec.memory());
    return chosen;
  }

  /** Writes down what a container has already; who had it first keeps it. */
  void keep(ContainerSpec spec, List<Integer> gpuIds) {
    gpuIds.forEach(gpu -> gpus.putIfAbsent(gpu, spec.claimId()));
    for (PortMapping port : spec.ports()) {
      if (port.hostPort() != 0) {
        ports.putIfAbsent(key(port), spec.claimId());
      }
    }
    memory.put(spec.claimId(), spec.memory());
  }

  /** GPUs that another worker's containers on the same engine have. */
  void foreign(String holder, List<Integer> gpuIds) {
    foreign.add(holder);
    gpuIds.forEach(gpu -> gpus.putIfAbsent(gpu, holder));
  }

  /** There are no others of other workers than these now. */
  void onlyForeign(Collection<String> holders) {
    foreign.removeIf(
        holder -> {
          boolean over = !holders.contains(holder);
          if (over) {
            gpus.values().removeIf(holder::equals);
          }
          return over;
        });
  }

  void release(String claim) {
    gpus.values().removeIf(claim::equals);
    ports.values().removeIf(claim::equals);
    memory.remove(claim);
  }

  List<Integer> freeGpus(Stock stock) {
    return stock.gpus().stream().filter(gpu -> !gpus.containsKey(gpu)).toList();
  }

  long freeMemory(Stock stock) {
    return Math.max(0, stock.memory() - memory.values().stream().mapToLong(Long::longValue).sum());
  }

  /** Who has a GPU; null for nobody. */
  String holder(int gpu) {
    return gpus.get(gpu);
  }

  private List<Integer> choose(ContainerSpec spec, Stock stock) {
    List<Integer> free = freeGpus(stock);
    if (free.size() < spec.gpus()) {
      throw new FaultException(
          Failure.NO_CAPACITY,
          "'gpus': %d are wanted, %d of this node's %d are free."
              .formatted(spec.gpus(), free.size(), stock.gpus().size()));
    }
    return List.copyOf(free.subList(0, spec.gpus()));
  }

  private List<Integer> named(ContainerSpec spec, Stock stock) {
    List<Integer> named = new ArrayList<>();
    for (int i = 0; i < spec.gpuIds().size(); i++) {
      int gpu = spec.gpuIds().get(i);
      String field = "'gpu_ids[" + i + "]'";
      if (!stock.gpus().contains(gpu)) {
        throw new FaultException(
            Failure.BAD_REQUEST,
            field
                + ": containers can have no GPU "
                + gpu
                + " here; they can have "
                + (stock.gpus().isEmpty() ? "none" : stock.gpus())
                + " (CONTAINER_GPUS).");
      }
      if (gpus.containsKey(gpu)) {
        throw new FaultException(
            Failure.CONFLICT, field + ": GPU " + gpu + " belongs to claim " + gpus.get(gpu) + ".");
      }
      named.add(gpu);
    }
    return named;
  }

  private Set<String> portsOf(ContainerSpec spec) {
    Set<String> wanted = new HashSet<>();
    for (int i = 0; i < spec.ports().size(); i++) {
      PortMapping port = spec.ports().get(i);
      if (port.hostPort() == 0) {
        continue;
      }
      String holder = ports.get(key(port));
      if (holder != null || !wanted.add(key(port))) {
        throw new FaultException(
            Failure.CONFLICT,
            "'port_mappings[%d].host_port': port %d belongs to claim %s."
                .formatted(i, port.hostPort(), holder == null ? spec.claimId() : holder));
      }
    }
    return wanted;
  }

  private static String key(PortMapping port) {
    return port.hostPort() + "/" + port.protocol();
  }
}
