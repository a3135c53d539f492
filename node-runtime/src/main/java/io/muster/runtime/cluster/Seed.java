package io.muster.runtime.cluster;

import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Loopback;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Where other members of the cluster may be: a host, and the ports from the first on.
 *
 * @param ports how many ports may hold a member
 */
record Seed(String host, int firstPort, int ports) {

  /**
   * The places to look at: this machine's own ports, CLUSTER_MEMBERS, and, unless the cluster keeps
   * to loopback, the hosts of WORKERS or ROOT_NODE_URL.
   *
   * @param more members that the configuration file names
   */
  static List<Seed> of(Settings settings, List<String> more) {
    int firstPort = settings.get(Catalogue.CLUSTER_PORT);
    int ports = settings.get(Catalogue.CLUSTER_PORT_COUNT);
    String own = settings.get(Catalogue.CLUSTER_HOST);
    Set<Seed> seeds = new LinkedHashSet<>();
    seeds.add(new Seed(own, firstPort, ports));
    Stream.concat(settings.get(Catalogue.CLUSTER_MEMBERS).stream(), more.stream())
        .map(text -> parse(text, firstPort, ports))
        .forEach(seeds::add);
    if (!Loopback.is(own)) {
      urls(settings)
          .map(URI::getHost)
          .filter(host -> !Loopback.is(host))
          .forEach(host -> seeds.add(new Seed(host, firstPort, ports)));
    }
    return List.copyOf(seeds);
  }

  private static Stream<URI> urls(Settings settings) {
    return settings.role() == Role.HUB
        ? settings.get(Catalogue.WORKERS).stream()
        : settings.find(Catalogue.ROOT_NODE_URL).stream();
  }

  /** Reads {@code host}, {@code host:port} or {@code [address]:port}. */
  static Seed parse(String text, int firstPort, int ports) {
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
    String host = hasPort ? text.substring(0, colon) : text;
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    return hasPort
        ? new Seed(host, Integer.parseInt(text.substring(colon + 1)), 1)
        : new Seed(host, firstPort, ports);
  }
}
