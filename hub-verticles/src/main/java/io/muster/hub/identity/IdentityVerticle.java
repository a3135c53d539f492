package io.muster.hub.identity;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.identity.IdentityMessage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hears what admins did about nodes, here or at another hub, and has it take effect here. */
public final class IdentityVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(IdentityVerticle.class);

  private static final long AGAIN_MS = 1_000;
  private static final long LOOK_MS = 30_000;

  private final Bus bus;
  private final Identities identities;
  private final Effects effects;
  private final Consumer<Registration> watchdog;
  private final long lookMs;

  /** What follows. */
  public interface Effects {
    /** The node was revoked: nothing is heard from it, and nothing sent to it, from now on. */
    void shutOut(String nodeId);

    /** Something else changed: the node has to prove itself anew. */
    void reconsider(String nodeId);
  }

  public IdentityVerticle(
      Bus bus, Identities identities, Effects effects, Consumer<Registration> watchdog) {
    this(bus, identities, effects, watchdog, LOOK_MS);
  }

  /**
   * @param lookMs how often it looks by itself for who is revoked, in case the word of it was lost
   */
  IdentityVerticle(
      Bus bus,
      Identities identities,
      Effects effects,
      Consumer<Registration> watchdog,
      long lookMs) {
    this.bus = bus;
    this.identities = identities;
    this.effects = effects;
    this.watchdog = watchdog;
    this.lookMs = lookMs;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(lookMs, id -> look());
    return bus.listen(Addresses.IDENTITIES, this::changed).onSuccess(watchdog::accept);
  }

  private void look() {
    identities
        .revoked()
        .onSuccess(revoked -> revoked.forEach(effects::shutOut))
        .onFailure(cause -> log.warn("nobody knows who is revoked: {}", cause.getMessage()));
  }

  /** The database decides, not who publishes: nobody can shut a node out by a message alone. */
  private void changed(IdentityMessage message) {
    if (message instanceof IdentityMessage.IdentityChanged changed) {
      identities
          .find(changed.nodeId())
          .onComplete(
              found -> {
                if (found.failed()) {
                  log.warn(
                      "{} cannot be looked up: {}", changed.nodeId(), found.cause().toString());
                  vertx.setTimer(AGAIN_MS, id -> changed(message));
                } else if (found.result().filter(NodeIdentity::isRevoked).isPresent()) {
                  effects.shutOut(changed.nodeId());
                } else {
                  effects.reconsider(changed.nodeId());
                }
              });
    }
  }
}
