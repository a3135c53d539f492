package io.muster.hub.http;

import io.muster.runtime.ops.LocalNames;
import io.muster.runtime.settings.Loopback;
import io.vertx.core.Handler;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Answers requests to names of this machine only, where being on this machine is all that a client
 * has to show ({@link LocalNames} says why), and to those that are named.
 */
final class KnownHosts implements Handler<RoutingContext> {
  private final Set<String> named;

  /**
   * @param named further names, such as a reverse proxy passes on
   */
  KnownHosts(List<String> named) {
    this.named =
        named.stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a hub with these options asks nothing else of its clients. */
  static boolean neededBy(HttpOptions options) {
    return options.apiKeys().isEmpty() && Loopback.is(options.host());
  }

  @Override
  public void handle(RoutingContext ctx) {
    HostAndPort authority = ctx.request().authority();
    if (LocalNames.names(ctx.request()) || (authority != null && knows(authority.host()))) {
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

  boolean knows(String host) {
    return LocalNames.is(host) || named.contains(host.toLowerCase(Locale.ROOT));
  }
}
