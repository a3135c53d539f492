package io.muster.hub.node;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;

/** Hears what nodes publish, asks them to register, and judges them by the clock. */
public final class NodeVerticle extends VerticleBase {
  private static final long SWEEP_MS = 250;

  private final String hubId;
  private final String version;
  private final Bus bus;
  private final NodeRegistry registry;
  private final NodeGate gate;
  private final Consumer<Registration> watchdog;

  /**
   * @param gate hands what it lets through to the registry
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public NodeVerticle(
      String hubId,
      String version,
      Bus bus,
      NodeRegistry registry,
      NodeGate gate,
      Consumer<Registration> watchdog) {
    this.hubId = hubId;
    this.version = version;
    this.bus = bus;
    this.registry = registry;
    this.gate = gate;
    this.watchdog = watchdog;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(SWEEP_MS, id -> registry.sweep());
    return bus.<NodeMessage>listen(Addresses.HUBS, gate::receive)
        .onSuccess(
            registration -> {
              watchdog.accept(registration);
              bus.publish(Addresses.NODES, new HubMessage.Hello(hubId, version));
            });
  }
}
