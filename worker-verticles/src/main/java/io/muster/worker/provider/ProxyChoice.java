package io.muster.worker.provider;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads which proxy leads to a server from {@code HTTPS_PROXY}, {@code HTTP_PROXY}, {@code
 * NO_PROXY}.
 */
final class ProxyChoice {
  private static final Logger log = LoggerFactory.getLogger(ProxyChoice.class);

  private ProxyChoice() {}

  /**
   * The proxy for this server, empty when it is reached directly.
   *
   * @throws IllegalArgumentException when the variable holds no address of a proxy
   */
  static Optional<ProxyOptions> forServer(URI server, Map<String, String> environment) {
    boolean https = "https".equals(server.getScheme());
    String proxy = variable(environment, https ? "HTTPS_PROXY" : "HTTP_PROXY");
    if (proxy == null) {
      proxy = variable(environment, "ALL_PROXY");
    }
    if (proxy == null || isDirect(server.getHost(), variable(environment, "NO_PROXY"))) {
      return Optional.empty();
    }
    URI uri = address(proxy.contains("://") ? proxy : "http://" + proxy);
    ProxyOptions options = new ProxyOptions().setHost(uri.getHost()).setType(type(uri));
    options.setPort(uri.getPort() > 0 ? uri.getPort() : 3128);
    String user = uri.getRawUserInfo();
    if (user != null) {
      int colon = user.indexOf(':');
      options.setUsername(decode(colon < 0 ? user : user.substring(0, colon)));
      options.setPassword(colon < 0 ? "" : decode(user.substring(colon + 1)));
    }
    return Optional.of(options);
  }

  private static URI address(String proxy) {
    try {
      URI uri = new URI(proxy);
      if (uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Its message would show the password.
      log.debug("HTTPS_PROXY or HTTP_PROXY cannot be read, at index {}", e.getIndex());
    }
    throw new IllegalArgumentException("HTTPS_PROXY or HTTP_PROXY is no address of a proxy");
  }

  private static ProxyType type(URI uri) {
    return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "socks5", "socks5h", "socks" -> ProxyType.SOCKS5;
      case "socks4", "socks4a" -> ProxyType.SOCKS4;
      default -> ProxyType.HTTP;
    };
  }

  /** Loopback is always direct; so is what {@code NO_PROXY} names, or a domain of it. */
  private static boolean isDirect(String host, String noProxy) {
    String name = host.toLowerCase(Locale.ROOT);
    if (name.equals("localhost") || name.startsWith("127.") || name.equals("[::1]")) {
      return true;
    }
    if (noProxy == null) {
      return false;
    }
    for (String entry : noProxy.toLowerCase(Locale.ROOT).split("[,\\s]+", -1)) {
      String domain = entry.startsWith("*.") ? entry.substring(1) : entry;
      if (domain.equals("*")
          || name.equals(domain)
          || (!domain.isEmpty() && name.endsWith(domain.startsWith(".") ? domain : "." + domain))) {
        return true;
      }
    }
    return false;
  }

  private static String variable(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, environment.get(name.toLowerCase(Locale.ROOT)));
    return value == null || value.isBlank() ? null : value.strip();
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
