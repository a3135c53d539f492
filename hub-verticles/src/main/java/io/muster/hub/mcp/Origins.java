package io.muster.hub.mcp;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Which web pages may speak to the hub: those of this machine and those that were named. A page of
 * another site that had its name point here has its own origin, and is refused.
 */
final class Origins {
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> named;

  Origins(List<String> named) {
    this.named =
        Set.copyOf(
            named.stream()
                .map(origin -> origin.toLowerCase(Locale.ROOT).replaceAll("/+$", ""))
                .toList());
  }

  /**
   * @param origin of the request, null for what is no web page
   */
  boolean allows(String origin) {
    if (origin == null) {
      return true;
    }
    String asked = origin.toLowerCase(Locale.ROOT);
    if (named.contains(asked)) {
      return true;
    }
    try {
      URI uri = URI.create(asked);
      return uri.getHost() != null
          && uri.getUserInfo() == null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && LOOPBACK.contains(uri.getHost());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
