package io.muster.identity;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.MessageTypes;
import io.muster.bus.Wire;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Lets through of what a node is ordered to do what a hub of its fleet signed, for this process, a
 * moment ago, each once. Used on one thread.
 */
public final class CommandGuard {
  /** More hubs than any fleet has; those that are gone are forgotten when their time is over. */
  private static final int MANY_HUBS = 64;

  private final String nodeId;
  private final Supplier<String> instance;
  private final FleetTrust trust;
  private final long clockSkewMs;
  private final LongSupplier millis;
  private final Map<String, Long> lastAt = new HashMap<>();
  private PublicNodeKey key;

  /**
   * @param instance the node's process
   * @param clockSkewMs how far a hub's clock may differ
   * @param millis milliseconds since 1970
   */
  public CommandGuard(
      String nodeId,
      Supplier<String> instance,
      FleetTrust trust,
      long clockSkewMs,
      LongSupplier millis) {
    this.nodeId = nodeId;
    this.instance = instance;
    this.trust = trust;
    this.clockSkewMs = clockSkewMs;
    this.millis = millis;
  }

  /**
   * The command, if it holds.
   *
   * @param message as it came; nothing but an {@link Order} ever holds
   * @throws FaultException {@link Failure#FORBIDDEN}, saying why it does not
   */
  public Command open(Object message) {
    if (!(message instanceof Order signed)) {
      throw refused("it is not signed");
    }
    if (signed.hubId() == null
        || signed.key() == null
        || signed.command() == null
        || signed.body() == null) {
      throw refused("half of it is missing");
    }
    if (!nodeId.equals(signed.nodeId()) || !instance.get().equals(signed.instance())) {
      throw refused("it is for another node, or another process of it");
    }
    String distrust = trust.distrust(signed.key());
    if (distrust != null) {
      throw refused(distrust);
    }
    if (signed.signature() == null
        || !key(signed.key()).verifies(signed.toBeSigned(), signed.signature())) {
      throw refused("its signature does not hold");
    }
    long now = millis.getAsLong();
    if (Math.abs(signed.at() - now) > clockSkewMs) {
      throw refused(
          "it is "
              + Math.abs(signed.at() - now)
              + " ms from this node's clock (CLOCK_SKEW_MS="
              + clockSkewMs
              + "): set both clocks, or it is a repetition");
    }
    Command opened = read(signed);
    // Last, so that only what holds counts.
    once(signed, now);
    return opened;
  }

  private void once(Order signed, long now) {
    if (lastAt.size() > MANY_HUBS) {
      lastAt.values().removeIf(at -> now - at > clockSkewMs);
    }
    Long before = lastAt.get(signed.hubId());
    if (before != null && before >= signed.at()) {
      throw refused("it is a repetition");
    }
    lastAt.put(signed.hubId(), signed.at());
  }

  private PublicNodeKey key(FleetKey said) {
    if (key == null || !key.encoded().equals(said.publicKey())) {
      try {
        key = PublicNodeKey.of(said.algorithm(), said.publicKey());
      } catch (IllegalArgumentException e) {
        throw refused(e.getMessage());
      }
    }
    return key;
  }

  private static Command read(Order signed) {
    Class<? extends Record> type = MessageTypes.find(signed.command()).orElse(null);
    if (type == null || !Command.class.isAssignableFrom(type)) {
      throw new FaultException(
          Failure.BAD_REQUEST, "there is no command " + signed.command() + ": another version?");
    }
    try {
      return (Command) Wire.decode(type, signed.body());
    } catch (UncheckedIOException e) {
      throw new FaultException(Failure.BAD_REQUEST, "this " + signed.command() + " cannot be read");
    }
  }

  private FaultException refused(String why) {
    return new FaultException(
        Failure.FORBIDDEN, "node " + nodeId + " does not take this command: " + why);
  }
}
