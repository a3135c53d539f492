package io.muster.node;

import java.util.List;

/**
 * How members of the cluster find out whether the others still find their addresses: what a member
 * sees of its own subscriptions proves nothing, so it has another one call it back.
 */
public sealed interface Probe {
  /**
   * Asked of a member at {@link io.muster.bus.Addresses#probe}: publish a {@link Echo} at each of
   * these addresses of mine.
   *
   * @param nonce comes back in the echoes
   */
  record CallBack(List<String> addresses, String nonce) implements Probe {
    public CallBack {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * The reply to a {@link CallBack}: the echoes are on their way, as far as the peer finds the
   * addresses.
   */
  record CallingBack() implements Probe {}

  /**
   * Published at any address; {@link io.muster.bus.Bus} takes it, whoever serves the address never
   * sees it.
   */
  record Echo(String nonce) implements Probe {}
}
