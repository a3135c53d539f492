package io.muster.worker.api;

import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.JsonAnswer;
import io.muster.runtime.ops.SampleJson;
import io.muster.runtime.settings.ListenAddress;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.ops.ConnectionGuard;
import io.muster.worker.ops.HttpLimits;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.TreeSet;

/**
 * The HTTP of the node's API. {@code /health} is for everybody; whatever else is asked, the token
 * comes first, so that without it not even a path can be guessed.
 */
final class ApiServer {
  private static final HttpLimits LIMITS = HttpLimits.DEFAULT;

  private final NodeContext node;
  private final Access callers;
  private final NodeApi api = new NodeApi();
  private final Router router;
  private final ConnectionGuard guard;

  ApiServer(NodeContext node, Access callers, int maxBodyBytes) {
    this.node = node;
    this.callers = callers;
    this.router = Router.router(node.vertx());
    this.guard = new ConnectionGuard(node.vertx(), LIMITS);
    router.route().handler(guard::began);
    get("/health", this::health);
    router.route().handler(this::authenticate);
    router.route().handler(this::inTime);
    router.route().handler(BodyHandler.create(false).setBodyLimit(maxBodyBytes));
    router.route().handler(ApiServer::wholeNow);
    get("/api/v1/metrics", this::metrics);
    get("/api/v1/system", this::system);
    router.errorHandler(404, this::notFound);
    router.errorHandler(405, this::wrongMethod);
    router.errorHandler(
        413,
        context -> {
          context.response().putHeader("connection", "close");
          api.fail(
              context,
              new ApiProblem(
                  413,
                  "body_too_large",
                  null,
                  "The body is bigger than "
                      + maxBodyBytes
                      + " bytes; NODE_API_MAX_BODY_BYTES allows more."));
        });
    router.errorHandler(400, this::badRequest);
    router.errorHandler(500, context -> api.fail(context, context.failure()));
  }

  void mount(NodeRoutes routes) {
    routes.mount(router, api);
  }

  Future<HttpServer> listen(ListenAddress address) {
    return node.vertx()
        .createHttpServer(options(address))
        .connectionHandler(guard::opened)
        .requestHandler(router)
        .listen();
  }

  private static HttpServerOptions options(ListenAddress address) {
    return new HttpServerOptions()
        .setHost(address.host())
        .setPort(address.port())
        .setTcpNoDelay(true)
        .setMaxHeaderSize(LIMITS.maxHeaderBytes())
        .setMaxInitialLineLength(4096)
        .setHttp2ClearTextEnabled(false)
        // CVE-2026-102467: a small frame that grows without bound when it is decompressed.
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false);
  }

  private void get(String path, Handler<RoutingContext> handler) {
    router.route(path).method(HttpMethod.GET).method(HttpMethod.HEAD).handler(handler);
  }

  private void authenticate(RoutingContext context) {
    if (callers.allows(context.request())) {
      context.next();
    } else {
      context.response().putHeader("www-authenticate", "Bearer");
      api.fail(
          context,
          new ApiProblem(
              401,
              "unauthorized",
              null,
              "Show the node's token: Authorization: Bearer TOKEN, where TOKEN is NODE_API_TOKEN or"
                  + " what stands in DATA_DIR/api-token."));
    }
  }

  /** A body that trickles in would hold the connection for ever. */
  private void inTime(RoutingContext context) {
    long timer =
        node.vertx()
            .setTimer(
                LIMITS.requestTimeout().toMillis(), late -> context.request().connection().close());
    context.put("body-timer", timer);
    context.addEndHandler(ended -> node.vertx().cancelTimer(timer));
    context.next();
  }

  private static void wholeNow(RoutingContext context) {
    context.vertx().cancelTimer(context.<Long>get("body-timer"));
    context.next();
  }

  private void health(RoutingContext context) {
    node.status()
        .health()
        .onSuccess(
            report ->
                JsonAnswer.send(
                    context.request(),
                    report.httpStatus(),
                    report.toJson().put("node_id", node.nodeId())));
  }

  private void metrics(RoutingContext context) {
    node.sample()
        .get()
        .ifPresentOrElse(
            sample ->
                JsonAnswer.send(context.request(), 200, MetricsJson.of(node.nodeId(), sample)),
            () -> tooEarly(context));
  }

  private void system(RoutingContext context) {
    node.sample()
        .get()
        .ifPresentOrElse(
            sample ->
                JsonAnswer.send(
                    context.request(), 200, SampleJson.of(sample).put("node_id", node.nodeId())),
            () -> tooEarly(context));
  }

  private void tooEarly(RoutingContext context) {
    context.response().putHeader("retry-after", "1");
    api.fail(
        context,
        ApiProblem.unavailable(
            "no_figures_yet",
            "The first figures are taken METRICS_INTERVAL_MS after the start: ask again soon."));
  }

  private void notFound(RoutingContext context) {
    api.fail(
        context, ApiProblem.notFound("There is nothing here; the docs list the node's routes."));
  }

  private void wrongMethod(RoutingContext context) {
    TreeSet<String> allowed = new TreeSet<>();
    for (Route route : router.getRoutes()) {
      if (route.methods() != null && matches(route.getPath(), context.normalizedPath())) {
        route.methods().forEach(method -> allowed.add(method.name()));
      }
    }
    String methods = String.join(", ", allowed);
    context.response().putHeader("allow", methods);
    api.fail(
        context,
        new ApiProblem(405, "method_not_allowed", null, "This path takes " + methods + "."));
  }

  private void badRequest(RoutingContext context) {
    api.fail(
        context,
        new ApiProblem(400, "invalid_request", null, "The request or its path cannot be read."));
  }

  /** A route's path, {@code :name} standing for any one segment, against one that was asked for. */
  private static boolean matches(String route, String path) {
    if (route == null) {
      return false;
    }
    String[] wanted = route.split("/");
    String[] given = path.split("/");
    if (wanted.length != given.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if (!wanted[i].startsWith(":") && !wanted[i].equals(given[i])) {
        return false;
      }
    }
    return true;
  }
}
