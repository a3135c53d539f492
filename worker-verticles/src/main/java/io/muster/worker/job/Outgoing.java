package io.muster.worker.job;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.job.FrameBatch;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.function.Consumer;

/**
 * Where frames go: over the bus to the hub that sent the job, or, for jobs of this worker's own
 * near service, nowhere beyond the event loop: what a cluster may lose they do not depend on.
 */
public final class Outgoing implements Outbox.Outside {
  private final Bus bus;
  private final Context context;
  private String nearAddress;
  private Consumer<FrameBatch> near;

  /**
   * @param context the event loop that everything is used on
   */
  public Outgoing(Bus bus, Context context) {
    this.bus = bus;
    this.context = context;
  }

  /** From now on the frames for this hub, which is none, are taken here. */
  public void take(String hubId, Consumer<FrameBatch> frames) {
    nearAddress = Addresses.frames(hubId);
    near = frames;
  }

  @Override
  public Future<Void> tell(String address, FrameBatch batch) {
    if (address.equals(nearAddress)) {
      soon(() -> near.accept(batch));
      return Future.succeededFuture();
    }
    return bus.tell(address, batch);
  }

  @Override
  public void soon(Runnable action) {
    context.runOnContext(v -> action.run());
  }

  @Override
  public void later(long ms, Runnable action) {
    bus.vertx().setTimer(ms, id -> action.run());
  }
}
