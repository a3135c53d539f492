package io.muster.job;

import java.util.List;

/**
 * All frames that a node has for one hub after one turn of its event loop. Nothing waits for more:
 * a lone token leaves at once, and what arrived together travels together.
 */
public record FrameBatch(String nodeId, List<Frame> frames) {
  public FrameBatch {
    frames = List.copyOf(frames);
  }
}
