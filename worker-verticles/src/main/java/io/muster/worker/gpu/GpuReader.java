package io.muster.worker.gpu;

import io.muster.metric.Gpu;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all GPUs, and keeps the driver open between two looks. A driver that went away is opened
 * again at the next look, a GPU that was there stays in the list with what has become of it.
 * Blocks; for one thread.
 */
final class GpuReader implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(GpuReader.class);
  private static final int MAX_GPUS = 64;
  private static final String DELISTED = "the driver does not list it any more";

  private final String library;
  private NvmlSession session;
  private String driver;

  /** As they were when they last answered, by their uuids. */
  private final Map<String, Gpu> known = new LinkedHashMap<>();

  GpuReader(String library) {
    this.library = library;
  }

  /** Looks; never throws for what the driver does. */
  GpuReport read() {
    boolean fresh = session == null;
    try {
      return look();
    } catch (NvmlException e) {
      close();
      if (!fresh) {
        // The driver was restarted between two looks, perhaps: then it is there again.
        try {
          return look();
        } catch (NvmlException again) {
          close();
          return failed(again);
        }
      }
      return failed(e);
    }
  }

  private GpuReport look() throws NvmlException {
    if (session == null) {
      session = NvmlSession.open(library);
      driver = session.driverVersion();
      log.info("NVIDIA driver {} opened", driver);
    }
    int count = Math.min(MAX_GPUS, session.count());
    List<Gpu> gpus = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int id = 0; id < count; id++) {
      Gpu gpu = one(id);
      gpus.add(gpu);
      seen.add(gpu.uuid());
    }
    // Its index may be another GPU's now: what befalls that one is not to be told of this one.
    known.replaceAll(
        (uuid, before) ->
            seen.contains(uuid)
                ? before
                : before.failed(before.id() < count ? -1 : before.id(), DELISTED));
    known.values().stream().filter(gpu -> !seen.contains(gpu.uuid())).forEach(gpus::add);
    String trouble = trouble(gpus);
    return new GpuReport(GpuReport.State.RUNNING, trouble, driver, gpus);
  }

  private Gpu one(int id) throws NvmlException {
    try {
      Gpu gpu = session.read(id);
      if (gpu.uuid() != null) {
        known.put(gpu.uuid(), gpu);
      }
      return gpu;
    } catch (NvmlException e) {
      if (e.endsSession()) {
        throw e;
      }
      return known.values().stream()
          .filter(gpu -> gpu.id() == id)
          .findFirst()
          .orElseGet(() -> new Gpu(id, null, null, -1, -1, -1, -1, -1, false, List.of(), null))
          .failed(id, e.getMessage());
    }
  }

  private GpuReport failed(NvmlException e) {
    List<Gpu> gpus =
        known.values().stream().map(gpu -> gpu.failed(gpu.id(), e.getMessage())).toList();
    boolean absent = e.code() == NvmlException.NO_LIBRARY && gpus.isEmpty();
    return new GpuReport(
        absent ? GpuReport.State.ABSENT : GpuReport.State.FAILED, e.getMessage(), driver, gpus);
  }

  private static String trouble(List<Gpu> gpus) {
    List<String> troubles =
        gpus.stream()
            .filter(gpu -> gpu.problem() != null)
            .map(gpu -> "GPU " + gpu.id() + ": " + gpu.problem())
            .toList();
    return troubles.isEmpty() ? null : String.join("; ", troubles);
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
