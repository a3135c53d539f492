package io.muster.worker.tool.web;

import io.muster.runtime.net.AllowedHosts;
import io.muster.runtime.net.PublicAddresses;
import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Pages that anybody on the internet could read. Each address, a redirect's too, is looked up,
 * judged, and connected to as it was judged, so that a name that leads elsewhere a moment later
 * leads nowhere.
 */
final class PublicPages {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
  private static final Map<String, String> HEADERS =
      Map.of("accept", "text/html,application/xhtml+xml,text/*;q=0.9,application/json;q=0.8");

  private final Web web;
  private final WorkerExecutor lookups;
  private final AllowedHosts allowed;
  private final Names names;
  private final WebOptions options;
  private final LongSupplier nanoTime;

  /** Looks names up and judges what they lead to; blocks. */
  interface Names {
    InetAddress resolve(String host) throws UnknownHostException;
  }

  /**
   * A page that was read.
   *
   * @param url where it was in the end
   */
  record Page(URI url, Web.Answer answer) {}

  PublicPages(
      Web web,
      WorkerExecutor lookups,
      AllowedHosts allowed,
      WebOptions options,
      LongSupplier nanoTime) {
    this.web = web;
    this.lookups = lookups;
    this.allowed = allowed;
    this.names =
        host ->
            PublicAddresses.resolve(
                host, address -> allowed.allows(host, address), "WEB_ALLOWED_HOSTS");
    this.options = options;
    this.nanoTime = nanoTime;
  }

  /** The same with other names, for tests of names that change. */
  PublicPages with(Names others) {
    return new PublicPages(web, lookups, allowed, others, options, nanoTime);
  }

  private PublicPages(
      Web web,
      WorkerExecutor lookups,
      AllowedHosts allowed,
      Names names,
      WebOptions options,
      LongSupplier nanoTime) {
    this.web = web;
    this.lookups = lookups;
    this.allowed = allowed;
    this.names = names;
    this.options = options;
    this.nanoTime = nanoTime;
  }

  /**
   * Reads one.
   *
   * @param timeoutMs for all of it
   */
  Future<Page> read(String url, long timeoutMs, Web.Running running) {
    long deadline = nanoTime.getAsLong() + timeoutMs * 1_000_000;
    return read(parse(url), options.maxRedirects(), deadline, running);
  }

  private Future<Page> read(URI url, int redirectsLeft, long deadline, Web.Running running) {
    String host = host(url);
    return lookups
        .executeBlocking(() -> names.resolve(host), false)
        .recover(cause -> Future.failedFuture(refused(host, cause)))
        .compose(
            address ->
                web.get(
                    url,
                    address,
                    HEADERS,
                    options.maxBytes(),
                    (deadline - nanoTime.getAsLong()) / 1_000_000,
                    running.next()))
        .compose(
            answer -> {
              String location = answer.headers().get("location");
              if (!REDIRECTS.contains(answer.status()) || location == null) {
                return Future.succeededFuture(new Page(url, answer));
              }
              if (redirectsLeft == 0) {
                return Future.failedFuture(
                    error(
                        "too_many_redirects",
                        "the page leads through more than "
                            + options.maxRedirects()
                            + " redirects"));
              }
              return read(target(url, location), redirectsLeft - 1, deadline, running);
            });
  }

  private static URI target(URI from, String location) {
    try {
      return checked(from.resolve(new URI(location)));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw error("bad_redirect", "the page redirects to what is no URL");
    }
  }

  private static URI parse(String url) {
    try {
      return checked(new URI(url.strip()));
    } catch (URISyntaxException e) {
      throw ToolException.invalid("'url': it is no valid URL");
    }
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

  private static String host(URI url) {
    return url.getHost();
  }

  private static ToolException refused(String host, Throwable cause) {
    boolean judged = cause.getMessage() != null && cause.getMessage().contains("address");
    return judged
        ? error("address_refused", "'url': " + cause.getMessage())
        : error("host_unknown", "'url': the host " + host + " is not known");
  }

  private static ToolException error(String code, String message) {
    return new ToolException(TaskError.lasting(code, message));
  }
}
