package io.muster.hub.mcp;

import io.muster.hub.http.ApiCall;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** MCP 2025-11-25 and before: a client begins a session, and names it with each request. */
final class LegacyMcp {
  static final List<String> VERSIONS = List.of("2025-11-25", "2025-06-18", "2025-03-26");
  static final String SESSION_HEADER = "mcp-session-id";

  private final ToolCatalogue catalogue;
  private final McpCalls calls;
  private final ServerInfo server;
  private final Streams streams;
  private final McpSessions sessions;

  LegacyMcp(
      ToolCatalogue catalogue,
      McpCalls calls,
      ServerInfo server,
      Streams streams,
      McpSessions sessions) {
    this.catalogue = catalogue;
    this.calls = calls;
    this.server = server;
    this.streams = streams;
    this.sessions = sessions;
  }

  /**
   * Answers a message.
   *
   * @param rpc null for the answer to a request, which is taken and not needed
   * @throws Rpc.Failure when it cannot be
   */
  void answer(Rpc rpc, ApiCall http, McpReply reply) {
    if (rpc != null && rpc.method().equals("initialize") && !rpc.isNotification()) {
      initialize(rpc, http, reply);
      return;
    }
    McpSession session = session(http);
    if (rpc == null || rpc.isNotification()) {
      if (rpc != null && rpc.method().equals("notifications/cancelled")) {
        session.cancel(rpc.params().getValue("requestId"));
      }
      reply.finish(202);
      return;
    }
    switch (rpc.method()) {
      case "ping" -> reply.finish(200, rpc.result(new JsonObject()));
      case "tools/list" ->
          reply.finish(200, rpc.result(new JsonObject().put("tools", catalogue.list(rpc))));
      case "tools/call" -> call(session, rpc, http, reply);
      default -> throw Rpc.unknownMethod(200, rpc.method());
    }
  }

  private void call(McpSession session, Rpc rpc, ApiCall http, McpReply reply) {
    Runnable[] cancel = {() -> {}};
    if (!session.runs(rpc.id(), () -> cancel[0].run())) {
      throw new Rpc.Failure(
          400, Rpc.INVALID_REQUEST, "A request of this id is still running in the session.");
    }
    try {
      cancel[0] = calls.call(rpc, http, reply, result -> result, () -> session.ended(rpc.id()));
    } catch (RuntimeException refused) {
      session.ended(rpc.id());
      throw refused;
    }
  }

  private void initialize(Rpc rpc, ApiCall http, McpReply reply) {
    if (!(rpc.params().getValue("protocolVersion") instanceof String wanted)) {
      throw new Rpc.Failure(400, Rpc.INVALID_PARAMS, "'protocolVersion' has to be a string.");
    }
    McpSession session = sessions.begin(http.caller());
    reply.header("Mcp-Session-Id", session.id());
    reply.finish(
        200,
        rpc.result(
            new JsonObject()
                .put("protocolVersion", VERSIONS.contains(wanted) ? wanted : VERSIONS.get(0))
                .put("capabilities", server.capabilities())
                .put("serverInfo", server.implementation())
                .put("instructions", server.instructions())));
  }

  /** The stream on which the hub tells what changes. */
  void listen(ApiCall http, McpReply reply) {
    if (http.request().getHeader(SESSION_HEADER) == null) {
      // No stream belongs to no session, in any version of the protocol.
      reply.header("allow", "POST");
      throw new Rpc.Failure(
          405,
          Rpc.INVALID_REQUEST,
          "GET opens the stream of a session: Mcp-Session-Id is missing.");
    }
    McpSession session = session(http);
    if (!reply.takesStreams()) {
      throw new Rpc.Failure(406, Rpc.INVALID_REQUEST, "GET needs Accept: text/event-stream.");
    }
    session.listens(
        streams.open(
            http,
            reply,
            () ->
                reply.notify(
                    Rpc.notification("notifications/tools/list_changed", new JsonObject())),
            () -> reply.finish(200)));
  }

  /** Ends a session. */
  void end(ApiCall http, McpReply reply) {
    sessions.end(session(http));
    reply.finish(204);
  }

  private McpSession session(ApiCall http) {
    String id = http.request().getHeader(SESSION_HEADER);
    if (id == null) {
      throw new Rpc.Failure(
          400, Rpc.INVALID_REQUEST, "Mcp-Session-Id is missing: begin with initialize.");
    }
    String version = http.request().getHeader(ModernMcp.VERSION_HEADER);
    if (version != null && !VERSIONS.contains(version.strip())) {
      throw new Rpc.Failure(
          400,
          Rpc.INVALID_REQUEST,
          "MCP-Protocol-Version has to be one of " + String.join(", ", VERSIONS) + ".");
    }
    return sessions
        .find(id, http.caller())
        .orElseThrow(
            () ->
                new Rpc.Failure(
                    404, Rpc.INVALID_REQUEST, "There is no such session: begin with initialize."));
  }
}
