package io.muster.hub.mcp;

import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.JsonBody;
import io.muster.hub.tool.FleetTools;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.McpSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /mcp}: who may use it, and which version of the protocol a message is of. */
public final class McpApi implements ApiRoutes {
  private static final Logger log = LoggerFactory.getLogger(McpApi.class);
  private static final String PATH = "/mcp";
  private static final long SWEEP_MS = 30_000;

  private final Vertx vertx;
  private final Origins origins;
  private final Streams streams;
  private final McpSessions sessions;
  private final ModernMcp modern;
  private final LegacyMcp legacy;
  private final long timer;

  /** Used on the event loop. */
  public McpApi(Vertx vertx, FleetTools tools, Settings settings, String version) {
    this.vertx = vertx;
    this.origins = new Origins(settings.get(McpSettings.MCP_ORIGINS));
    ToolCatalogue catalogue = new ToolCatalogue(vertx, tools);
    McpCalls calls =
        new McpCalls(
            vertx,
            tools,
            new McpCalls.Options(
                settings.get(McpSettings.MCP_MAX_CALLS),
                Duration.ofMillis(settings.get(McpSettings.MCP_CALL_TIMEOUT_MS)),
                settings.get(McpSettings.MCP_STREAM_AFTER_MS)));
    ServerInfo server = new ServerInfo(version);
    this.streams = new Streams(catalogue, settings.get(McpSettings.MCP_MAX_STREAMS));
    this.sessions =
        new McpSessions(
            settings.get(McpSettings.MCP_MAX_SESSIONS),
            settings.get(McpSettings.MCP_SESSION_IDLE_MS),
            System::nanoTime);
    this.modern =
        new ModernMcp(
            catalogue,
            calls,
            server,
            streams,
            settings.get(McpSettings.MCP_LIST_TTL_MS),
            settings.get(Catalogue.API_KEYS).isEmpty());
    this.legacy = new LegacyMcp(catalogue, calls, server, streams, sessions);
    this.timer = vertx.setPeriodic(SWEEP_MS, id -> sessions.sweep());
  }

  @Override
  public void add(Router router, Api api) {
    router.post(PATH).handler(api.forStreams(call -> post(api, call)));
    router.get(PATH).handler(api.forStreams(call -> bodiless(api, call, legacy::listen)));
    router.delete(PATH).handler(api.forStreams(call -> bodiless(api, call, legacy::end)));
  }

  /** Ends what waits for changes, so that the server can stop. */
  public void close() {
    vertx.cancelTimer(timer);
    sessions.endAll();
    streams.endAll();
  }

  private Future<?> post(Api api, ApiCall call) {
    McpReply reply = new McpReply(vertx, call);
    if (!isLetIn(api, call, reply)) {
      return Future.succeededFuture();
    }
    return call.body()
        .onSuccess(body -> answer(call, reply, body))
        .onFailure(
            cause ->
                reply.finish(
                    ApiErrors.status(cause),
                    new Rpc.Failure(
                            0,
                            ApiErrors.status(cause) == 400 ? Rpc.PARSE_ERROR : Rpc.INVALID_REQUEST,
                            ApiErrors.said(cause).message())
                        .toJson(null)))
        .otherwiseEmpty();
  }

  private void answer(ApiCall call, McpReply reply, JsonBody body) {
    if (call.over()) {
      return;
    }
    Object id = null;
    try {
      JsonObject json = body.toJson();
      id = json.getValue("id");
      Rpc rpc = Rpc.read(json);
      if (rpc != null && isModern(rpc, call)) {
        modern.answer(rpc, call, reply);
      } else {
        legacy.answer(rpc, call, reply);
      }
    } catch (Rpc.Failure wrong) {
      reply.finish(wrong.status(), wrong.toJson(told(id)));
    } catch (RuntimeException broken) {
      log.error("{} an MCP message failed", call.requestId(), broken);
      reply.finish(
          500,
          new Rpc.Failure(500, Rpc.INTERNAL_ERROR, "The hub failed to answer.").toJson(told(id)));
    }
  }

  /** The id that an error names, null for what can be none. */
  private static Object told(Object id) {
    return id instanceof String || id instanceof Number ? id : null;
  }

  private Future<?> bodiless(Api api, ApiCall call, BiConsumer<ApiCall, McpReply> action) {
    McpReply reply = new McpReply(vertx, call);
    if (isLetIn(api, call, reply)) {
      try {
        action.accept(call, reply);
      } catch (Rpc.Failure wrong) {
        reply.finish(wrong.status(), wrong.toJson(null));
      }
    }
    return Future.succeededFuture();
  }

  /** Whoever has a session, begins one or names an old version is of the old protocol. */
  private static boolean isModern(Rpc rpc, ApiCall call) {
    if (rpc.meta().containsKey(ModernMcp.PROTOCOL_VERSION)) {
      return true;
    }
    String version = call.request().getHeader(ModernMcp.VERSION_HEADER);
    return version != null
        && !LegacyMcp.VERSIONS.contains(version.strip())
        && call.request().getHeader(LegacyMcp.SESSION_HEADER) == null
        && !rpc.method().equals("initialize");
  }

  private boolean isLetIn(Api api, ApiCall call, McpReply reply) {
    if (!origins.allows(call.request().getHeader("origin"))) {
      reply.finish(
          403,
          new Rpc.Failure(
                  403,
                  Rpc.INVALID_REQUEST,
                  "Pages of this origin may not use the hub's tools (MCP_ORIGINS).")
              .toJson(null));
      return false;
    }
    try {
      api.identify(call.context());
      return true;
    } catch (RuntimeException refused) {
      int status = ApiErrors.status(refused);
      if (status == 401) {
        reply.header("www-authenticate", "Bearer realm=\"muster\", error=\"invalid_token\"");
      }
      reply.finish(
          status,
          new Rpc.Failure(status, Rpc.INVALID_REQUEST, ApiErrors.said(refused).message())
              .toJson(null));
      return false;
    }
  }
}
