package io.muster.tunnel;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A way from the frp server to a service that the node can reach.
 *
 * @param name unique on its node
 * @param localHost where the service is, seen from the node
 * @param remotePort the server's port; 0 where the type takes none, or none is leased yet
 * @param domains the host names that lead here, for http and https
 */
public record Tunnel(
    String name,
    TunnelType type,
    String localHost,
    int localPort,
    int remotePort,
    List<String> domains) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,39}");
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:_-]{1,253}");
  private static final Pattern DOMAIN =
      Pattern.compile("(\\*\\.)?[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*");
  private static final int MOST_DOMAINS = 16;
  private static final int MAX_PORT = 65_535;

  public Tunnel {
    domains = domains == null ? List.of() : List.copyOf(domains);
  }

  /** The same at this port of the server. */
  public Tunnel at(int port) {
    return new Tunnel(name, type, localHost, localPort, port, domains);
  }

  /**
   * What is wrong with it, as the field and what it has to be; null for nothing. Both ends look:
   * what is written into frpc's configuration has come over the bus.
   */
  public Fault fault() {
    if (name == null || !NAME.matcher(name).matches()) {
      return new Fault(
          "name", "1 to 40 letters, digits, _ or -, beginning with a letter or a digit");
    }
    if (type == null) {
      return new Fault("type", "one of " + String.join(", ", TunnelType.labels()));
    }
    if (localHost == null || !HOST.matcher(localHost).matches()) {
      return new Fault("localHost", "a host name or an address");
    }
    if (localPort < 1 || localPort > MAX_PORT) {
      return new Fault("localPort", "a port from 1 to 65535");
    }
    if (remotePort < 0 || remotePort > MAX_PORT) {
      return new Fault("remotePort", "a port from 1 to 65535, or none");
    }
    if (type.takesPort()) {
      return domains.isEmpty() ? null : new Fault("domains", "left out for " + type.label());
    }
    if (remotePort != 0) {
      return new Fault("remotePort", "left out for " + type.label() + ": its domains lead here");
    }
    boolean named =
        !domains.isEmpty()
            && domains.size() <= MOST_DOMAINS
            && domains.stream().allMatch(domain -> DOMAIN.matcher(domain).matches());
    return named ? null : new Fault("domains", "1 to 16 host names that lead to the frp server");
  }

  /**
   * Why it cannot be.
   *
   * @param expected completes "has to be …"
   */
  public record Fault(String field, String expected) {}
}
