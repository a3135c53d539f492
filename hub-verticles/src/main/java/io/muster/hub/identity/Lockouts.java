package io.muster.hub.identity;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Counts failed proofs by address, and says for how long nothing is heard from one that failed too
 * often. Addresses of one IPv6 network of 64 bits are one. Bounded; used on the hub's event loop.
 */
public final class Lockouts {
  private static final int MAX_ADDRESSES = 10_000;
  private static final long MS = 1_000_000;

  private final int failures;
  private final long durationNanos;
  private final LongSupplier nanoTime;
  private final Map<String, Count> counts = new LinkedHashMap<>();

  private static final class Count {
    private int failures;
    private long last;
  }

  /**
   * @param failures how many lock an address out
   * @param durationMs for how long; older failures are forgotten
   */
  public Lockouts(int failures, long durationMs, LongSupplier nanoTime) {
    this.failures = failures;
    this.durationNanos = durationMs * MS;
    this.nanoTime = nanoTime;
  }

  /** Milliseconds for which nothing is to be heard from the address; 0 when it may speak. */
  public long lockedMs(String address) {
    Count count = counts.get(network(address));
    if (count == null || count.failures < failures) {
      return 0;
    }
    long left = durationNanos - (nanoTime.getAsLong() - count.last);
    return left <= 0 ? 0 : Math.max(1, left / MS);
  }

  /**
   * Somebody there showed something false.
   *
   * @return whether the address is locked out from now on
   */
  public boolean failed(String address) {
    String network = network(address);
    long now = nanoTime.getAsLong();
    Count count = counts.remove(network);
    if (count == null || now - count.last > durationNanos) {
      count = new Count();
    }
    count.failures++;
    count.last = now;
    // At the end: those that have been quiet for longest are at the front, and forgotten first.
    counts.put(network, count);
    if (counts.size() > MAX_ADDRESSES) {
      counts.remove(counts.keySet().iterator().next());
    }
    return count.failures == failures;
  }

  /** The address itself, or the first four groups of an IPv6 one. */
  static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    String plain = address.replaceFirst("%.*", "");
    if (plain.startsWith("::ffff:") && plain.indexOf('.') > 0) {
      return plain.substring("::ffff:".length());
    }
    try {
      byte[] bytes = java.net.InetAddress.getByName(plain).getAddress();
      return bytes.length == 4 ? plain : java.util.HexFormat.of().formatHex(bytes, 0, 8) + "/64";
    } catch (java.net.UnknownHostException e) {
      return plain;
    }
  }
}
