package io.muster.worker.edge;

import io.muster.job.JobMessage;
import io.muster.node.ModelInfo;
import java.util.List;

/** This worker's own models, and how it is given jobs. */
public interface OwnModels {
  /** What it serves now, its default first. */
  List<ModelInfo> models();

  /** As from a hub; what becomes of it is told at that hub's address for frames. */
  void give(JobMessage message);
}
