package io.muster.hub.ops;

import java.net.URI;
import java.util.Locale;

/** Addresses of HTTP interfaces, written alike so that they can be compared. */
final class Endpoint {
  private Endpoint() {}

  /**
   * {@code http://Host:80/} → {@code http://host:80}; what is no URL stays as it is.
   *
   * @param url {@code host:port} counts as {@code http://host:port}
   */
  static String normal(String url) {
    String text = url.strip();
    if (!text.contains("://")) {
      text = "http://" + text;
    }
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      if (uri.getHost() == null) {
        return text;
      }
      int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
      String path = uri.getPath() == null ? "" : uri.getPath().replaceAll("/+$", "");
      return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + ":" + port + path;
    } catch (IllegalArgumentException e) {
      return text;
    }
  }
}
