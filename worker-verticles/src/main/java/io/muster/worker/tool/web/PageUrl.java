package io.muster.worker.tool.web;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The URL of a page as models and pages write it: with letters of all languages in it, and relative
 * to another. Where it leads is judged later; here it is made one that can be asked for. Pure.
 */
final class PageUrl {
  private PageUrl() {}

  /**
   * @throws ToolException for what is no URL of a page
   */
  static URI of(String url) {
    try {
      return checked(ascii(new URI(url.strip())));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw ToolException.invalid("'url': it is no valid URL");
    }
  }

  /**
   * Where a page redirects to.
   *
   * @throws ToolException for what is no URL of a page
   */
  static URI redirect(URI from, String location) {
    try {
      String to = location.strip();
      // Java resolves a query alone as RFC 2396 had it, against the folder.
      URI target =
          to.startsWith("?")
              ? new URI(from.getScheme() + "://" + from.getRawAuthority() + from.getRawPath() + to)
              : new URI(to);
      return checked(ascii(from.resolve(target)));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new ToolException(
          TaskError.lasting("bad_redirect", "the page redirects to what is no URL"));
    }
  }

  /** With a path, without a fragment, and nothing in it that a request cannot hold. */
  private static URI ascii(URI url) throws URISyntaxException {
    if (url.isOpaque() || url.getRawAuthority() == null) {
      return url;
    }
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    String authority = url.getRawAuthority();
    if (url.getHost() == null) {
      // A name in another script: Java's URI knows no host in it.
      int colon = authority.lastIndexOf(':');
      String name = colon < 0 ? authority : authority.substring(0, colon);
      authority = IDN.toASCII(name) + (colon < 0 ? "" : authority.substring(colon));
    }
    return new URI(new URI(url.getScheme() + "://" + authority + path + query).toASCIIString());
  }

  private static URI checked(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      throw ToolException.invalid("'url': it has to begin with http:// or https://");
    }
    if (url.getHost() == null || url.getHost().isEmpty()) {
      throw ToolException.invalid("'url': it names no host");
    }
    if (url.getRawUserInfo() != null) {
      throw ToolException.invalid("'url': it must not hold a user or password");
    }
    if (url.getPort() == 0 || url.getPort() > 65_535) {
      throw ToolException.invalid("'url': the port has to be from 1 to 65535");
    }
    return url;
  }
}
