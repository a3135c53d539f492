package io.muster.hub.dispatch;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.job.FrameBatch;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;

/** Serves this hub's frame address, and ends the jobs that take too long. */
public final class DispatchVerticle extends VerticleBase {
  private static final long SWEEP_MS = 250;

  private final String hubId;
  private final Bus bus;
  private final Dispatcher dispatcher;
  private final Inbox inbox;
  private final Consumer<Registration> watchdog;

  /**
   * @param inbox takes all that is sent to this hub but frames
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public DispatchVerticle(
      String hubId, Bus bus, Dispatcher dispatcher, Inbox inbox, Consumer<Registration> watchdog) {
    this.hubId = hubId;
    this.bus = bus;
    this.dispatcher = dispatcher;
    this.inbox = inbox;
    this.watchdog = watchdog;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(SWEEP_MS, id -> dispatcher.sweep());
    Inbox all = new Inbox().listen(FrameBatch.class, dispatcher::receive).otherwise(inbox);
    return bus.open(Addresses.frames(hubId), all).onSuccess(watchdog::accept);
  }
}
