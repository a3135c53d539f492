package io.muster.worker;

import io.muster.identity.CommandGuard;
import io.muster.identity.FleetKey;
import io.muster.identity.NodeKeys;
import io.muster.metric.Sample;
import io.muster.node.Proof;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import io.muster.worker.control.NodeControl;
import io.muster.worker.link.BusLink;
import io.muster.worker.link.Fleet;
import io.muster.worker.link.FleetPin;
import io.muster.worker.link.HubLink;
import io.muster.worker.link.SocketLink;
import io.muster.worker.llm.FleetModels;
import io.muster.worker.ops.WorkerStatus.HubSeen;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How a worker belongs to its fleet: which hubs are there, whose orders it believes, what it says
 * of itself to them, and the fleet's models that it may call in return.
 */
final class Membership implements Fleet.Listener {
  private final Fleet fleet;
  private final Vertx vertx;
  private final FleetPin pin;
  private final CommandGuard guard;
  private final HubLink link;
  private final FleetModels models;
  private final Consumer<String> refused;
  private final Consumer<String> cutOff;
  private boolean known;
  private boolean registering;

  /**
   * Becomes a member of the hubs' cluster, or makes ready to look for one hub.
   *
   * @return fails with a {@link StartRefused} where the settings do not allow it
   */
  static Future<Fleet> join(Settings settings, String nodeId, NodeKeys keys) {
    try {
      return SocketLink.isWanted(settings)
          ? Future.succeededFuture(SocketLink.prepare(settings, keys))
          : BusLink.join(settings, nodeId, keys);
    } catch (StartRefused e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * Blocks: reads which fleet's hubs may steer this node.
   *
   * @param worker what is told of itself
   * @param sample gives the machine's last figures, or null
   * @param refused is told why a hub does not take this worker
   * @param cutOff is told why no hub can be reached any more
   */
  Membership(
      Settings settings,
      Fleet fleet,
      String nodeId,
      NodeControl.Steered worker,
      Supplier<Sample> sample,
      Consumer<String> refused,
      Consumer<String> cutOff,
      Clock clock) {
    this.fleet = fleet;
    this.vertx = fleet.vertx();
    this.refused = refused;
    this.cutOff = cutOff;
    this.pin = FleetPin.open(settings, action -> vertx.executeBlocking(action, false));
    this.guard =
        new CommandGuard(
            nodeId,
            () -> worker.info().instance(),
            pin,
            settings.get(IdentitySettings.CLOCK_SKEW_MS),
            clock::millis);
    this.link =
        new HubLink(
            worker::info,
            info ->
                settings
                    .find(Catalogue.ROOT_NODE_SECRET)
                    .map(secret -> Proof.of(secret, info))
                    .orElse(null),
            worker::stats,
            sample,
            fleet::announce,
            refused,
            pin,
            guard,
            clock::millis);
    this.models =
        new FleetModels(nodeId, () -> worker.info().instance(), fleet.bus(), System::nanoTime);
  }

  /** Hears of hubs from now on. */
  void open() {
    fleet.listen(this);
    models.start();
  }

  /** The worker knows now what it is: it may register. */
  void introduce() {
    known = true;
  }

  /** After this turn, once for all that changed in it. */
  void registerSoon() {
    if (!registering) {
      registering = true;
      vertx.runOnContext(
          v -> {
            registering = false;
            if (known) {
              link.register();
            }
          });
    }
  }

  HubLink link() {
    return link;
  }

  /** What lets through the orders of this fleet's hubs. */
  CommandGuard guard() {
    return guard;
  }

  FleetModels models() {
    return models;
  }

  List<HubSeen> hubs() {
    List<HubSeen> seen = new ArrayList<>();
    link.hubs().forEach((id, since) -> seen.add(new HubSeen(id, null, since)));
    return seen;
  }

  @Override
  public void joined(String hubId, FleetKey key) {
    pin.introduced(hubId, key);
    link.register();
  }

  @Override
  public void hubGone(String hubId) {
    link.forget(hubId);
    models.hubGone(hubId);
  }

  @Override
  public void cutOff(String why) {
    link.forgetAll();
    cutOff.accept(why);
    models.cutOff(why);
  }

  @Override
  public void refused(String reason) {
    refused.accept(reason);
  }
}
