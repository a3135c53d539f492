package io.muster.worker.container;

import io.muster.metric.Gpu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The GPUs that containers may have: those that the owner names, or those that are seen. */
final class GpuStock {
  private final List<Integer> named;
  private final Supplier<List<Gpu>> seen;

  /**
   * @param setting {@code auto}, {@code none} or indexes between commas
   * @param seen those that the monitor tells of now
   * @throws IllegalArgumentException where the setting is none of these
   */
  GpuStock(String setting, Supplier<List<Gpu>> seen) {
    this.seen = seen;
    String text = setting.strip().toLowerCase(Locale.ROOT);
    if (text.equals("auto")) {
      named = null;
    } else if (text.equals("none")) {
      named = List.of();
    } else {
      List<Integer> ids = new ArrayList<>();
      for (String id : text.split(",", -1)) {
        if (!id.strip().matches("[0-9]{1,3}")) {
          throw new IllegalArgumentException(
              "CONTAINER_GPUS=" + setting + " must be auto, none, or indexes between commas");
        }
        ids.add(Integer.valueOf(id.strip()));
      }
      named = ids.stream().distinct().toList();
    }
  }

  /** By index, those that nobody computes on first; none that is seen to be out of order. */
  List<Integer> ids() {
    List<Gpu> all = seen.get();
    if (named == null) {
      return all.stream()
          .filter(gpu -> gpu.problem() == null)
          .sorted(Comparator.comparing(Gpu::busy).thenComparing(Gpu::id))
          .map(Gpu::id)
          .toList();
    }
    return named.stream()
        .filter(id -> all.stream().noneMatch(gpu -> gpu.id() == id && gpu.problem() != null))
        .sorted(Comparator.comparing(id -> isBusy(all, id)))
        .toList();
  }

  private static boolean isBusy(List<Gpu> all, int id) {
    return all.stream().anyMatch(gpu -> gpu.id() == id && gpu.busy());
  }
}
