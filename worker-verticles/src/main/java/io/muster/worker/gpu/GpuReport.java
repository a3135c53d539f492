package io.muster.worker.gpu;

import io.muster.metric.Gpu;
import java.util.List;

/**
 * What one look at the GPUs found.
 *
 * @param reason for people: why there is nothing to tell, or what is wrong; null when all is well
 * @param driver its version, null when there is none
 * @param gpus by their ids; those that are in trouble are marked
 */
record GpuReport(State state, String reason, String driver, List<Gpu> gpus) {
  /** How it stands with the driver. */
  enum State {
    /** Nothing was looked at yet. */
    NEW,
    /** There is no driver. */
    ABSENT,
    /** There is a driver, which does not work. */
    FAILED,
    /** It answers. */
    RUNNING
  }

  static final GpuReport NEW = new GpuReport(State.NEW, null, null, List.of());

  GpuReport {
    gpus = List.copyOf(gpus);
  }
}
