package io.muster.runtime.ops;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.Locale;

/**
 * Tells which names in a request nobody else can have pointed here. A page of any site can let its
 * own name point to 127.0.0.1 (DNS rebinding): its browser then speaks with this machine as with
 * the page's server, and all that gives it away is that name.
 */
public final class LocalNames {
  private LocalNames() {}

  /** Whether a request came by such a name, or without one, as no browser sends it. */
  public static boolean names(HttpServerRequest request) {
    HostAndPort authority = request.authority();
    return authority == null ? request.getHeader(HttpHeaders.HOST) == null : is(authority.host());
  }

  /** Whether this is {@code localhost}, a name below it, or an IP address. */
  public static boolean is(String host) {
    if (host.equals("localhost") || host.equals("127.0.0.1")) {
      return true;
    }
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.indexOf(':') >= 0
        || name.matches("[0-9]+(\\.[0-9]+){3}");
  }
}
