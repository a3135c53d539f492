package io.muster.worker.edge;

import io.muster.job.FrameBatch;
import io.muster.job.JobMessage;
import io.muster.node.ModelInfo;
import java.util.List;
import java.util.function.Consumer;

/** This worker's own models, and how it is given jobs. */
public interface OwnModels {
  /** What it serves now, its default first. */
  List<ModelInfo> models();

  /**
   * Tells from now on what becomes of the jobs that came from this hub, which is none, after the
   * turn in which it happened.
   */
  void hear(String hubId, Consumer<FrameBatch> frames);

  /** As from a hub. */
  void give(JobMessage message);
}
