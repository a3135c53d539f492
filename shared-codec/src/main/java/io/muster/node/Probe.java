package io.muster.node;

/**
 * Questions by which processes of the cluster find out whether their addresses still reach them, at
 * {@link io.muster.bus.Addresses#probe}.
 */
public sealed interface Probe {
  /** Are you there? */
  record Ping() implements Probe {}

  /** The instance that answers. */
  record Pong(String instance) implements Probe {}

  /** Call this address of mine, and tell me whether I answered. */
  record CallBack(String address) implements Probe {}

  /** Whether the asker answered at its own address, seen from the peer. */
  record CalledBack(boolean answered) implements Probe {}
}
