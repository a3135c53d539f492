package io.muster.hub.gateway;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.identity.KeyProof;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where nodes connect, and who is let in that far: not too many, nobody who is locked out, no web
 * page of another origin, nobody with a wrong key in the path.
 */
public final class NodeSocketRoutes implements ApiRoutes {
  private static final Logger log = LoggerFactory.getLogger(NodeSocketRoutes.class);
  private static final String KEY = "VCP_Key=";
  private static final String BEARER = "Bearer ";

  private final Gateway gateway;
  private boolean deprecationTold;

  public NodeSocketRoutes(Gateway gateway) {
    this.gateway = gateway;
  }

  @Override
  public void add(Router router, Api api) {
    router
        .get("/abp-distributed-server/:key")
        .handler(api.forAll(call -> connect(call, inPath(call))));
    router.get("/distributed-server/:key").handler(api.forAll(call -> connect(call, inPath(call))));
    router
        .get("/vcp-distributed-server/:key")
        .handler(
            api.forAll(
                call -> {
                  tellDeprecation(call);
                  return connect(call, inPath(call));
                }));
    router.get("/api/nodes/socket").handler(api.forAll(call -> connect(call, inHeader(call))));
  }

  private Future<ApiReply> connect(ApiCall call, String key) {
    HttpServerRequest request = call.request();
    String address = request.remoteAddress().hostAddress();
    long lockedMs = gateway.lockouts().lockedMs(address);
    if (lockedMs > 0) {
      throw ApiErrors.later(
          429, "locked_out", "Too many failed proofs came from this address.", lockedMs);
    }
    if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
      throw ApiErrors.of(426, "upgrade_required", "Nodes connect here by WebSocket.");
    }
    if (isForeign(request)) {
      throw ApiErrors.of(
          403, "foreign_origin", "A web page of another origin cannot connect as a node.");
    }
    String expected = gateway.options().vcpKey();
    boolean shown = !key.isEmpty();
    boolean holds = expected != null && shown && KeyProof.same(expected, key);
    if (expected != null && shown && !holds) {
      gateway.failed(address);
      throw ApiErrors.of(401, "wrong_key", "The VCP_Key is not this hub's.");
    }
    ConnectionCount.Full full = gateway.count().full(address);
    if (full != null) {
      throw ApiErrors.later(full.status(), "too_many_connections", full.reason() + ".", 1000);
    }
    NodeConnection.Entry entry =
        new NodeConnection.Entry(
            address,
            holds,
            holds || expected == null,
            gateway.count().take(address),
            ((HttpServerConnection) request.connection()).channelHandlerContext().channel());
    request
        .toWebSocket()
        .onSuccess(socket -> gateway.accept(socket, entry))
        .onFailure(
            cause -> {
              entry.place().leave();
              log.debug("a node's handshake failed: {}", cause.toString());
            });
    // Answered by the handshake.
    return Promise.<ApiReply>promise().future();
  }

  private static String inPath(ApiCall call) {
    String part = call.path("key");
    if (!part.startsWith(KEY)) {
      throw ApiErrors.notFound(
          "unknown_url", "The path has to end in VCP_Key= and the key, which may be empty.");
    }
    return part.substring(KEY.length());
  }

  private static String inHeader(ApiCall call) {
    String header = call.request().getHeader(HttpHeaders.AUTHORIZATION);
    return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? header.substring(BEARER.length()).trim()
        : "";
  }

  /** Browsers always tell the page's origin, and a node has none. */
  private static boolean isForeign(HttpServerRequest request) {
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    if (origin == null) {
      return false;
    }
    try {
      String authority = new URI(origin).getRawAuthority();
      String host = request.getHeader(HttpHeaders.HOST);
      return authority == null
          || host == null
          || !authority.toLowerCase(Locale.ROOT).equals(host.toLowerCase(Locale.ROOT));
    } catch (URISyntaxException e) {
      return true;
    }
  }

  private void tellDeprecation(ApiCall call) {
    if (!deprecationTold) {
      deprecationTold = true;
      log.warn(
          "a node at {} uses /vcp-distributed-server, which is deprecated: use"
              + " /abp-distributed-server",
          call.request().remoteAddress().hostAddress());
    }
  }
}
