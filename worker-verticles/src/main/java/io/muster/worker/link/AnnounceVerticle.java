package io.muster.worker.link;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.node.HubMessage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;

/** Announces this node to the hubs: registers, then heartbeats, and listens to what hubs say. */
public final class AnnounceVerticle extends VerticleBase {
  private final Bus bus;
  private final HubLink link;
  private final long heartbeatMs;
  private final Consumer<Registration> watchdog;

  /**
   * @param heartbeatMs milliseconds between heartbeats
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public AnnounceVerticle(
      Bus bus, HubLink link, long heartbeatMs, Consumer<Registration> watchdog) {
    this.bus = bus;
    this.link = link;
    this.heartbeatMs = heartbeatMs;
    this.watchdog = watchdog;
  }

  @Override
  public Future<?> start() {
    return bus.<HubMessage>listen(Addresses.NODES, link::receive)
        .onSuccess(
            registration -> {
              watchdog.accept(registration);
              link.register();
              vertx.setPeriodic(heartbeatMs, id -> link.heartbeat());
            });
  }
}
