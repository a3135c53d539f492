package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelType;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads the setting {@code TUNNELS}: {@code ssh=tcp://127.0.0.1:22?port=6001} and the like. */
final class OwnTunnels {
  private OwnTunnels() {}

  /**
   * @throws IllegalArgumentException naming the entry and what it has to be
   */
  static List<Tunnel> parse(List<String> texts) {
    Map<String, Tunnel> tunnels = new LinkedHashMap<>();
    for (String text : texts) {
      Tunnel tunnel = one(text);
      if (tunnels.put(tunnel.name(), tunnel) != null) {
        throw wrong(text, "another name: this one is there twice");
      }
    }
    return List.copyOf(tunnels.values());
  }

  private static Tunnel one(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw wrong(text, "NAME=TYPE://HOST:PORT");
    }
    URI url;
    try {
      url = URI.create(text.substring(equals + 1));
    } catch (IllegalArgumentException e) {
      throw wrong(text, "NAME=TYPE://HOST:PORT");
    }
    if (url.getScheme() == null || url.getHost() == null || !isBare(url)) {
      throw wrong(text, "NAME=TYPE://HOST:PORT, with ?port=N or ?domain=NAME and nothing else");
    }
    int port = 0;
    List<String> domains = new ArrayList<>();
    String query = url.getQuery() == null ? "" : url.getQuery();
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith("domain=")) {
        domains.add(pair.substring("domain=".length()));
      } else if (pair.matches("port=[0-9]{1,5}")) {
        port = Integer.parseInt(pair.substring("port=".length()));
      } else if (!pair.isEmpty()) {
        throw wrong(text, "?port=N or ?domain=NAME, not " + pair);
      }
    }
    Tunnel tunnel =
        new Tunnel(
            text.substring(0, equals).strip(),
            TunnelType.find(url.getScheme()).orElse(null),
            url.getHost().replaceAll("^\\[|]$", ""),
            url.getPort(),
            port,
            domains);
    Tunnel.Fault fault = tunnel.fault();
    if (fault != null) {
      throw wrong(text, fault.field() + ": " + fault.expected());
    }
    return tunnel;
  }

  private static boolean isBare(URI url) {
    return url.getUserInfo() == null
        && url.getFragment() == null
        && (url.getPath() == null || url.getPath().isEmpty() || url.getPath().equals("/"));
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    return new IllegalArgumentException("TUNNELS: '" + text + "' has to be " + expected);
  }
}
