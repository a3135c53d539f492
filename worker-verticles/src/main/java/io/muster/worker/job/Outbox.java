package io.muster.worker.job;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Frames on their way to one hub. What one turn of the event loop brings leaves as one message;
 * nothing waits on a timer for more.
 */
final class Outbox {
  private final String nodeId;
  private final String hubId;
  private final Bus bus;
  private final Context context;
  private final Consumer<Throwable> undelivered;
  private List<Frame> frames = new ArrayList<>();
  private boolean scheduled;

  /**
   * @param undelivered is told when a batch could not be handed to the hub: the hub is gone
   */
  Outbox(String nodeId, String hubId, Bus bus, Context context, Consumer<Throwable> undelivered) {
    this.nodeId = nodeId;
    this.hubId = hubId;
    this.bus = bus;
    this.context = context;
    this.undelivered = undelivered;
  }

  void add(Frame frame) {
    frames.add(frame);
    if (!scheduled) {
      scheduled = true;
      context.runOnContext(v -> flush());
    }
  }

  private void flush() {
    scheduled = false;
    List<Frame> batch = frames;
    frames = new ArrayList<>();
    bus.tell(Addresses.frames(hubId), new FrameBatch(nodeId, batch)).onFailure(undelivered::accept);
  }
}
