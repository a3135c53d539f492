package io.muster.hub.http;

import io.muster.runtime.settings.Loopback;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Answers requests to names of this machine only, where being on this machine is all that a client
 * has to show: a page of any site can have its own name point to 127.0.0.1 (DNS rebinding), and the
 * browser would then let it speak with the hub as with its own server.
 */
final class KnownHosts implements Handler<RoutingContext> {
  private final Set<String> names;

  /**
   * @param named further names, such as a reverse proxy passes on
   */
  KnownHosts(List<String> named) {
    Set<String> all = new HashSet<>(Set.of("127.0.0.1", "localhost"));
    named.forEach(name -> all.add(name.toLowerCase(Locale.ROOT)));
    names = Set.copyOf(all);
  }

  /** Whether a hub with these options asks nothing else of its clients. */
  static boolean neededBy(HttpOptions options) {
    return options.apiKeys().isEmpty() && Loopback.is(options.host());
  }

  @Override
  public void handle(RoutingContext ctx) {
    HttpServerRequest request = ctx.request();
    HostAndPort authority = request.authority();
    if (authority == null ? request.getHeader(HttpHeaders.HOST) == null : knows(authority.host())) {
      ctx.next();
      return;
    }
    Exchange.of(ctx)
        .fail(
            ApiError.of(
                403,
                "host_not_allowed",
                "host",
                "A hub on loopback without API_KEYS answers to localhost, IP addresses and the"
                    + " names in HTTP_HOSTS: add the name in this request's Host to them, or set"
                    + " API_KEYS."));
  }

  /** An address is no name that somebody could have pointed elsewhere. */
  boolean knows(String host) {
    if (names.contains(host)) {
      return true;
    }
    String name = host.toLowerCase(Locale.ROOT);
    return names.contains(name)
        || name.endsWith(".localhost")
        || name.indexOf(':') >= 0
        || name.matches("[0-9]+(\\.[0-9]+){3}");
  }
}
