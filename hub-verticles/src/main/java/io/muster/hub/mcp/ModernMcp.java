package io.muster.hub.mcp;

import io.muster.hub.http.ApiCall;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** MCP 2026-07-28: each request says all there is to know, and nothing of it is kept. */
final class ModernMcp {
  static final String VERSION = "2026-07-28";
  static final String PREFIX = "io.modelcontextprotocol/";
  static final String PROTOCOL_VERSION = PREFIX + "protocolVersion";
  static final String VERSION_HEADER = "mcp-protocol-version";
  private static final String SUBSCRIPTION = PREFIX + "subscriptionId";
  private static final String LIST_CHANGED = "toolsListChanged";
  private static final String BASE64_BEGIN = "=?base64?";
  private static final String BASE64_END = "?=";
  private static final Set<String> METHODS =
      Set.of("server/discover", "tools/list", "tools/call", "subscriptions/listen");

  private final ToolCatalogue catalogue;
  private final McpCalls calls;
  private final ServerInfo server;
  private final Streams streams;
  private final int ttlMs;
  private final String cacheScope;

  /**
   * @param isPublic whether everybody gets the same without a key, so that caches may share it
   */
  ModernMcp(
      ToolCatalogue catalogue,
      McpCalls calls,
      ServerInfo server,
      Streams streams,
      int ttlMs,
      boolean isPublic) {
    this.catalogue = catalogue;
    this.calls = calls;
    this.server = server;
    this.streams = streams;
    this.ttlMs = ttlMs;
    this.cacheScope = isPublic ? "public" : "private";
  }

  /**
   * Answers a request.
   *
   * @throws Rpc.Failure when it cannot be
   */
  void answer(Rpc rpc, ApiCall http, McpReply reply) {
    check(rpc, http);
    if (rpc.isNotification()) {
      reply.finish(202);
      return;
    }
    switch (rpc.method()) {
      case "server/discover" -> reply.finish(200, rpc.result(discovered()));
      case "tools/list" -> reply.finish(200, rpc.result(listed(rpc)));
      case "tools/call" -> {
        var unused = calls.call(rpc, http, reply, this::dressed, () -> {});
      }
      default -> listen(rpc, http, reply);
    }
  }

  private void check(Rpc rpc, ApiCall http) {
    String header = header(http, VERSION_HEADER);
    Object version = rpc.meta().getValue(PROTOCOL_VERSION);
    if (version instanceof String said && header == null) {
      throw mismatch("the header MCP-Protocol-Version is missing; the body says " + said);
    }
    if (version != null && !version.equals(header)) {
      throw mismatch("MCP-Protocol-Version is " + header + ", the body says " + version);
    }
    if (!VERSION.equals(header)) {
      throw new Rpc.Failure(
          400,
          Rpc.UNSUPPORTED_VERSION,
          "Unsupported protocol version",
          new JsonObject().put("supported", supported()).put("requested", header));
    }
    if (rpc.isNotification()) {
      return;
    }
    if (!(version instanceof String)) {
      throw missing("protocolVersion");
    }
    if (!(rpc.meta().getValue(PREFIX + "clientCapabilities") instanceof JsonObject)) {
      throw missing("clientCapabilities");
    }
    String method = header(http, "mcp-method");
    if (!rpc.method().equals(method)) {
      throw mismatch("Mcp-Method is " + method + ", the body says " + rpc.method());
    }
    if (!METHODS.contains(rpc.method())) {
      throw Rpc.unknownMethod(404, rpc.method());
    }
    if (rpc.method().equals("tools/call")) {
      String name = decoded(header(http, "mcp-name"));
      if (!McpCalls.name(rpc).equals(name)) {
        throw mismatch("Mcp-Name is " + name + ", the body says " + McpCalls.name(rpc));
      }
    }
  }

  private static String header(ApiCall http, String name) {
    String value = http.request().getHeader(name);
    return value == null ? null : value.strip();
  }

  /** A value that no header can hold comes as {@code =?base64?…?=}. */
  private static String decoded(String value) {
    if (value == null || !value.startsWith(BASE64_BEGIN) || !value.endsWith(BASE64_END)) {
      return value;
    }
    try {
      String text = value.substring(BASE64_BEGIN.length(), value.length() - BASE64_END.length());
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw mismatch("Mcp-Name is no base64");
    }
  }

  private static Rpc.Failure mismatch(String what) {
    return new Rpc.Failure(400, Rpc.HEADER_MISMATCH, "Header mismatch: " + what);
  }

  private static Rpc.Failure missing(String field) {
    return new Rpc.Failure(
        400, Rpc.INVALID_PARAMS, "params._meta['" + PREFIX + field + "'] is missing.");
  }

  static JsonArray supported() {
    List<String> all = new java.util.ArrayList<>(List.of(VERSION));
    all.addAll(LegacyMcp.VERSIONS);
    return new JsonArray(all);
  }

  private JsonObject discovered() {
    return cacheable(
        new JsonObject()
            .put("supportedVersions", supported())
            .put("capabilities", server.capabilities())
            .put("instructions", server.instructions()));
  }

  private JsonObject listed(Rpc rpc) {
    return cacheable(new JsonObject().put("tools", catalogue.list(rpc)));
  }

  private JsonObject cacheable(JsonObject result) {
    return dressed(result.put("ttlMs", ttlMs).put("cacheScope", cacheScope));
  }

  private JsonObject dressed(JsonObject result) {
    JsonObject meta = result.getJsonObject("_meta", new JsonObject());
    meta.put(PREFIX + "serverInfo", server.implementation());
    return result.put("resultType", "complete").put("_meta", meta);
  }

  /** A stream of what changes, until the client closes it. */
  private void listen(Rpc rpc, ApiCall http, McpReply reply) {
    if (!(rpc.params().getValue("notifications", new JsonObject()) instanceof JsonObject wanted)) {
      throw new Rpc.Failure(400, Rpc.INVALID_PARAMS, "'notifications' has to be an object.");
    }
    if (!reply.takesStreams()) {
      throw new Rpc.Failure(
          406, Rpc.INVALID_REQUEST, "subscriptions/listen needs Accept: text/event-stream.");
    }
    boolean tools = Boolean.TRUE.equals(wanted.getValue(LIST_CHANGED));
    JsonObject id = new JsonObject().put(SUBSCRIPTION, rpc.id());
    Runnable changed =
        () ->
            reply.notify(
                Rpc.notification(
                    "notifications/tools/list_changed", new JsonObject().put("_meta", id.copy())));
    streams.open(
        http,
        reply,
        tools ? changed : null,
        () ->
            reply.finish(
                200,
                rpc.result(
                    new JsonObject().put("resultType", "complete").put("_meta", id.copy()))));
    JsonObject honoured = new JsonObject();
    if (tools) {
      honoured.put(LIST_CHANGED, true);
    }
    reply.notify(
        Rpc.notification(
            "notifications/subscriptions/acknowledged",
            new JsonObject().put("_meta", id.copy()).put("notifications", honoured)));
  }
}
