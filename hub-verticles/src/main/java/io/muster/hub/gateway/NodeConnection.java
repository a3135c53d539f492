package io.muster.hub.gateway;

import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.JsonBody;
import io.muster.hub.identity.Verdict;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.netty.channel.Channel;
import io.vertx.core.AsyncResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said on one connection, from its challenge on.
 *
 * <pre>
 *   CONNECTED ──node_register──▶ DECIDING ──admitted──▶ REGISTERED ──node_unregister──▶ (closed)
 *       │                           │
 *       └──too late, abuse──────────┴──refused──▶ (closed)
 * </pre>
 */
final class NodeConnection implements NodeSocket.Listener {
  private static final Logger log = LoggerFactory.getLogger(NodeConnection.class);
  private static final long RETRY_MS = 2_000;
  private static final long MS = 1_000_000;

  private final Gateway gateway;
  private final GatewayOptions options;
  private final NodeSocket socket;
  private final Entry entry;
  private final FaultCount faults;
  private final String connectionId;
  private final long openedAt;
  private String nonce;
  private boolean deciding;
  private Session session;

  /**
   * How the connection came.
   *
   * @param address whose lock-out counts
   * @param vcpKey whether the path showed the {@code VCP_KEY}
   * @param authenticated whether that, or nothing at all, is asked for
   * @param channel what it is on
   */
  record Entry(
      String address,
      boolean vcpKey,
      boolean authenticated,
      ConnectionCount.Place place,
      Channel channel) {}

  NodeConnection(Gateway gateway, ServerWebSocket webSocket, Entry entry) {
    this.gateway = gateway;
    this.options = gateway.options();
    this.entry = entry;
    this.faults = new FaultCount(options.maxFaults());
    this.connectionId = gateway.newNonce();
    this.nonce = gateway.newNonce();
    this.openedAt = gateway.now();
    this.socket = gateway.socket(webSocket, entry.channel(), this);
    socket.send(
        "connection_ack",
        new JsonObject()
            .put("connectionId", connectionId)
            .put("hubId", options.hubId())
            .put("version", options.version())
            .put("authenticated", entry.authenticated())
            .put(
                "challenge",
                new JsonObject()
                    .put("nonce", nonce)
                    .put("algorithms", new JsonArray(List.of("Ed25519", "RSA-SHA256"))))
            .put("heartbeatIntervalMs", options.heartbeatIntervalMs())
            .put("heartbeatTimeoutMs", options.heartbeatTimeoutMs())
            .put("maxFrameBytes", options.maxFrameBytes()));
  }

  @Override
  public void text(byte[] utf8) {
    String type = null;
    try {
      Frames.Frame frame = gateway.frames().read(utf8);
      type = frame.type();
      take(frame.type(), frame.data());
    } catch (FrameFault fault) {
      fault(fault.code(), fault.getMessage(), type);
    } catch (RuntimeException e) {
      ApiErrors.Said said = ApiErrors.said(e);
      if (said.internal()) {
        log.error("a frame {} failed", type, e);
      }
      fault(said.code(), said.message(), type);
    }
  }

  @Override
  public void binary(Buffer message) {
    boolean taken;
    try {
      taken = session != null && session.receive(message);
    } catch (RuntimeException e) {
      log.warn("the relay of {} ends: {}", session.nodeId(), e.getMessage());
      gateway.end(session, CloseCode.POLICY, "no relay message: " + e.getMessage(), true);
      return;
    }
    if (!taken) {
      fault("unexpected_binary", "binary frames are for Muster's own workers, registered", null);
    }
  }

  @Override
  public void tooBig() {
    fault(
        "frame_too_large",
        "a message may have " + options.maxFrameBytes() + " bytes (NODE_MAX_FRAME_BYTES)",
        null);
  }

  @Override
  public void gone() {
    entry.place().leave();
    gateway.gone(this);
    if (session != null) {
      gateway.end(session, CloseCode.DONE, "its connection closed", true);
    }
  }

  /** Judges it by the clock. */
  void sweep() {
    long age = gateway.now() - openedAt;
    long limit = entry.authenticated() ? options.idleTimeoutMs() : options.authTimeoutMs();
    if (session == null && age > limit * MS) {
      socket.close(CloseCode.POLICY, "nobody has registered within " + limit + " ms");
    } else {
      socket.sweep();
    }
  }

  NodeSocket socket() {
    return socket;
  }

  private void take(String type, JsonObject data) {
    if (type.equals("node_register")) {
      if (session == null) {
        register(JsonBody.of(data));
      } else {
        describe(JsonBody.of(data));
      }
      return;
    }
    BiConsumer<NodeSession, JsonObject> feature = gateway.feature(type);
    if (feature == null && !Gateway.OWN_FRAMES.contains(type)) {
      throw new FrameFault("unknown_type", "there is no frame of the type '" + type + "'");
    }
    if (session == null) {
      throw new FrameFault("not_registered", "node_register has to come first");
    }
    Object nodeId = data.getValue("nodeId");
    if (nodeId != null && !nodeId.equals(session.nodeId())) {
      throw new FrameFault(
          "wrong_node", "'nodeId' has to be " + session.nodeId() + ", as this connection proved");
    }
    switch (type) {
      case "heartbeat" -> heartbeat(JsonBody.of(data));
      case "node_unregister" -> unregister(JsonBody.of(data));
      case "register_tools" ->
          session.describe(
              NodeDescription.withTools(session.info(), NodeDescription.tools(JsonBody.of(data))));
      default -> feature.accept(session, data);
    }
  }

  private void register(JsonBody data) {
    if (deciding) {
      throw new FrameFault("registering", "the node_register before is not decided yet");
    }
    if (nonce == null) {
      throw new FrameFault("nonce_used", "the challenge was answered already: connect anew");
    }
    // What is merely misspelt costs no nonce.
    NodeInfo trial = describe(data, Credentials.nodeId(data).orElse("?"));
    String challenge = nonce;
    nonce = null;
    Credentials shown;
    try {
      shown =
          Credentials.check(
              data,
              challenge,
              trial.type().name().toLowerCase(java.util.Locale.ROOT) + "-" + gateway.newId(),
              entry,
              options.secret());
    } catch (FrameFault fault) {
      refuse(Credentials.nodeId(data).orElse(null), fault.code(), fault.getMessage(), true);
      return;
    }
    NodeInfo info = describe(data, shown.claim().nodeId());
    deciding = true;
    socket.hold();
    gateway
        .admit(shown.claim())
        .onComplete(
            decided -> {
              deciding = false;
              socket.release();
              decided(decided, shown, info);
            });
  }

  private void decided(AsyncResult<Verdict> decided, Credentials shown, NodeInfo info) {
    if (gateway.isOver(this) || !socket.isOpen()) {
      // Not on a connection that is being closed: it would take the place of a better one.
      return;
    }
    if (decided.failed()) {
      log.warn("{} cannot be admitted now: {}", info.id(), decided.cause().toString());
      socket.send(
          "node_registered",
          answer(info.id(), false)
              .put("code", "try_later")
              .put("message", "the hub cannot look the node up now")
              .put("retryAfterMs", RETRY_MS));
      socket.close(CloseCode.TRY_LATER, "the hub cannot decide now");
    } else if (decided.result() instanceof Verdict.Refused refused) {
      refuse(info.id(), refused.code(), refused.reason(), refused.guess() || shown.guess());
    } else {
      entry.place().prove();
      socket.send("node_registered", answer(info.id(), true));
      session = new Session(gateway, socket, info, gateway.now());
      gateway.opened(session, isMuster(info));
    }
  }

  /** Whether it speaks Muster's relay: its instance is its own, not the connection's. */
  private boolean isMuster(NodeInfo info) {
    return !connectionId.equals(info.instance());
  }

  private void refuse(String nodeId, String code, String reason, boolean guess) {
    log.warn("{} at {} is not admitted: {}", nodeId, entry.address(), reason);
    if (guess) {
      gateway.failed(entry.address());
    }
    socket.send("node_registered", answer(nodeId, false).put("code", code).put("message", reason));
    socket.close(CloseCode.POLICY, reason);
  }

  private JsonObject answer(String nodeId, boolean success) {
    return new JsonObject()
        .put("nodeId", nodeId)
        .put("success", success)
        .put(
            "hubInfo",
            new JsonObject()
                .put("version", options.version())
                .put("llmAvailable", gateway.llmAvailable())
                .put("fleetKey", JsonObject.mapFrom(gateway.fleetKey())));
  }

  /** The same node says more of itself; it cannot become another one. */
  private void describe(JsonBody data) {
    Credentials.nodeId(data)
        .filter(id -> !id.equals(session.nodeId()))
        .ifPresent(
            id -> {
              throw new FrameFault(
                  "wrong_node",
                  "this connection is that of " + session.nodeId() + ": open another");
            });
    NodeInfo info = describe(data, session.nodeId());
    session.describe(
        NodeDescription.with(
            info, session.nodeId(), options.memberId(), session.info().instance()));
    socket.send("node_registered", answer(session.nodeId(), true));
  }

  private NodeInfo describe(JsonBody data, String nodeId) {
    return NodeDescription.read(data, nodeId, options.memberId(), connectionId, gateway.wallMs());
  }

  private void heartbeat(JsonBody data) {
    JsonBody stats = data.object("stats").orElseGet(() -> JsonBody.of(new JsonObject()));
    int active = (int) stats.integer("activeTasks", 0, Integer.MAX_VALUE, 0);
    String status = data.optionalString("status").orElse("online");
    if (!status.equals("online") && !status.equals("busy")) {
      throw new FrameFault("invalid_field", "'status' has to be online or busy");
    }
    if (status.equals("busy")) {
      active = Math.max(active, session.info().maxConcurrent());
    }
    session.heard(
        new NodeStats(
            active,
            stats.integer("completedTasks", 0, Long.MAX_VALUE, 0),
            stats.integer("failedTasks", 0, Long.MAX_VALUE, 0),
            0,
            stats.number("averageResponseTime", 0, Double.MAX_VALUE, 0)),
        null,
        false);
    socket.send(
        "heartbeat_ack",
        new JsonObject().put("nodeId", session.nodeId()).put("timestamp", gateway.wallMs()));
  }

  private void unregister(JsonBody data) {
    String reason = data.optionalString("reason").orElse("unregistered");
    socket.send(
        "node_unregistered", new JsonObject().put("nodeId", session.nodeId()).put("success", true));
    gateway.end(session, CloseCode.DONE, reason, true);
  }

  /** Says what is wrong; whoever goes on like that is cut off. */
  private void fault(String code, String message, String frame) {
    JsonObject data = new JsonObject().put("code", code).put("message", message);
    if (frame != null) {
      data.put("frame", frame);
    }
    socket.send("error", data);
    if (!faults.add(gateway.now())) {
      log.warn("a connection of {} sends too many wrong frames", entry.address());
      socket.close(CloseCode.POLICY, "too many wrong frames, the last one: " + code);
    }
  }
}
