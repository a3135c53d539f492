package io.muster.hub.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Answers what no route answers: unknown paths, methods that a path has not, handlers that threw.
 */
final class UnknownRoutes {
  private static final int[] STATUSES = {
    400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 429, 500, 501, 502, 503, 504
  };

  private final Router router;

  UnknownRoutes(Router router) {
    this.router = router;
  }

  void install() {
    for (int status : STATUSES) {
      router.errorHandler(status, this::answer);
    }
  }

  private void answer(RoutingContext ctx) {
    Exchange exchange = Exchange.of(ctx);
    if (exchange == null) {
      // Refused before the first route: a request without a host.
      InvalidRequest.answer(ctx.request());
      return;
    }
    if (exchange.over() || exchange.response().ended()) {
      return;
    }
    Throwable failure = ctx.failure();
    String request = ctx.request().method() + " " + ctx.request().path();
    switch (ctx.statusCode()) {
      case 404 ->
          exchange.fail(
              ApiError.of(404, "unknown_url", null, "There is nothing at " + request + "."));
      case 405 -> {
        ctx.response().putHeader(HttpHeaders.ALLOW, allowed(ctx.normalizedPath()));
        exchange.fail(
            ApiError.of(405, "method_not_allowed", null, request + " is not possible here."));
      }
      case 500 -> exchange.fail(failure == null ? new IllegalStateException("failed") : failure);
      default ->
          exchange.fail(
              ApiError.of(
                  ctx.statusCode(),
                  null,
                  null,
                  failure == null || failure.getMessage() == null
                      ? "The request failed."
                      : failure.getMessage()));
    }
  }

  private String allowed(String path) {
    Set<String> methods = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      if (route.getPath() != null && route.methods() != null && matches(route, path)) {
        route.methods().forEach(method -> methods.add(method.name()));
      }
    }
    if (methods.contains(HttpMethod.GET.name())) {
      methods.add(HttpMethod.HEAD.name());
    }
    return String.join(", ", methods);
  }

  private static boolean matches(Route route, String path) {
    String template = route.getPath();
    if (!route.isExactPath()) {
      return path.startsWith(template.replace("*", ""));
    }
    String regex =
        Pattern.compile("/")
            .splitAsStream(template)
            .map(part -> part.startsWith(":") ? "[^/]+" : Pattern.quote(part))
            .collect(Collectors.joining("/"));
    return path.matches(regex + "/?");
  }
}
