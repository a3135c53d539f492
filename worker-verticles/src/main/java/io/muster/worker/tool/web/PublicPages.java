package io.muster.worker.tool.web;

import io.muster.runtime.net.AllowedHosts;
import io.muster.runtime.net.PublicAddresses;
import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
    return read(PageUrl.of(url), options.maxRedirects(), deadline, running);
  }

  private Future<Page> read(URI url, int redirectsLeft, long deadline, Web.Running running) {
    String host = url.getHost();
    return lookups
        .executeBlocking(() -> names.resolve(host), false)
        .recover(cause -> Future.failedFuture(refused(host, cause)))
        .timeout(leftMs(deadline), TimeUnit.MILLISECONDS)
        .compose(
            address ->
                web.get(url, address, HEADERS, options.maxBytes(), leftMs(deadline), running))
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
              return read(PageUrl.redirect(url, location), redirectsLeft - 1, deadline, running);
            });
  }

  private long leftMs(long deadline) {
    return Math.max(1, (deadline - nanoTime.getAsLong()) / 1_000_000);
  }

  private static ToolException error(String code, String message) {
    return new ToolException(TaskError.lasting(code, message));
  }

  private static ToolException refused(String host, Throwable cause) {
    boolean judged = cause.getMessage() != null && cause.getMessage().contains("address");
    return judged
        ? error("address_refused", "'url': " + cause.getMessage())
        : error("host_unknown", "'url': the host " + host + " is not known");
  }
}
