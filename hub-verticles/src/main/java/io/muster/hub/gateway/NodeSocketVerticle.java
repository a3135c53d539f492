package io.muster.hub.gateway;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.node.HubMessage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;

/** The clock of the nodes' socket, and what it hears on the bus. */
public final class NodeSocketVerticle extends VerticleBase {
  private static final long SWEEP_MS = 250;

  private final Gateway gateway;
  private final Bus bus;
  private final long heartbeatMs;
  private final Consumer<Registration> watchdog;
  private Registration registration;

  /**
   * @param heartbeatMs how often this hub says that its nodes live
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public NodeSocketVerticle(
      Gateway gateway, Bus bus, long heartbeatMs, Consumer<Registration> watchdog) {
    this.gateway = gateway;
    this.bus = bus;
    this.heartbeatMs = heartbeatMs;
    this.watchdog = watchdog;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(SWEEP_MS, id -> gateway.sweep());
    vertx.setPeriodic(heartbeatMs, id -> gateway.heartbeat());
    return bus.<HubMessage>listen(Addresses.NODES, gateway::heard)
        .onSuccess(
            listening -> {
              registration = listening;
              watchdog.accept(listening);
            });
  }

  @Override
  public Future<?> stop() {
    gateway.stop();
    return registration == null ? Future.succeededFuture() : registration.close();
  }
}
