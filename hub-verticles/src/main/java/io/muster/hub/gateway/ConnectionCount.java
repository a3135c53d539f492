package io.muster.hub.gateway;

import java.util.HashMap;
import java.util.Map;

/** How many connections there are, in all and by address, so that nobody takes all places. */
final class ConnectionCount {
  private final GatewayOptions options;
  private final Map<String, Integer> byAddress = new HashMap<>();
  private int all;
  private int unproved;

  /** Why there is no place. */
  record Full(int status, String reason) {}

  /** One connection's place, given back once. */
  final class Place {
    private final String address;
    private boolean proved;
    private boolean left;

    private Place(String address) {
      this.address = address;
    }

    /** Who is there has been proved. */
    void prove() {
      if (!proved && !left) {
        proved = true;
        unproved--;
      }
    }

    void leave() {
      if (left) {
        return;
      }
      prove();
      left = true;
      all--;
      byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
  }

  ConnectionCount(GatewayOptions options) {
    this.options = options;
  }

  /** Why one more connection of this address cannot be taken; null when it can. */
  Full full(String address) {
    if (byAddress.getOrDefault(address, 0) >= options.maxPerAddress()) {
      return new Full(
          429,
          "this address has as many connections as one may (NODE_MAX_CONNECTIONS_PER_ADDRESS)");
    }
    if (all >= options.maxConnections()) {
      return new Full(503, "the hub has as many connections as it may (NODE_MAX_CONNECTIONS)");
    }
    if (unproved >= options.maxUnproved()) {
      return new Full(503, "too many connections have not proved who is there (NODE_MAX_UNPROVED)");
    }
    return null;
  }

  Place take(String address) {
    byAddress.merge(address, 1, Integer::sum);
    all++;
    unproved++;
    return new Place(address);
  }

  int all() {
    return all;
  }
}
