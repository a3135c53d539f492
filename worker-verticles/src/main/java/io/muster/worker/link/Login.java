package io.muster.worker.link;

import io.muster.identity.FleetKey;
import io.muster.identity.KeyProof;
import io.muster.identity.NodeKeys;
import io.muster.node.NodeInfo;
import io.muster.relay.RelayPeer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/**
 * What is said when a connection begins, in text frames {@code {type, data}}.
 *
 * <pre>
 *   connection_ack (a nonce) ──▶ node_register (proofs, what this node is) ──▶ node_registered
 * </pre>
 */
final class Login {
  private final NodeKeys keys;
  private final String joinToken;
  private final String secret;

  /** What the hub said. */
  sealed interface Heard {}

  /**
   * It wants to know who is there.
   *
   * @param frameBytes the biggest frame that it takes
   */
  record Challenge(String hubId, String nonce, int frameBytes) implements Heard {}

  /**
   * This node is taken.
   *
   * @param fleet what the hub's commands are signed with; null when it is too old to say so
   */
  record Registered(FleetKey fleet) implements Heard {}

  /**
   * It is not.
   *
   * @param forNow whether it may be later
   */
  record Refusal(String reason, boolean forNow) implements Heard {}

  /** Something went wrong, or a newer hub says what this version does not know. */
  record Other(String type, String text) implements Heard {}

  /**
   * @param joinToken null for none
   * @param secret {@code ROOT_NODE_SECRET}, null for none
   */
  Login(NodeKeys keys, String joinToken, String secret) {
    this.keys = keys;
    this.joinToken = joinToken;
    this.secret = secret;
  }

  /** Reads a text frame; {@link Other} where it is none of the above. */
  static Heard read(String text) {
    JsonObject frame;
    try {
      frame = new JsonObject(text);
      String type = frame.getString("type", "");
      JsonObject data = frame.getJsonObject("data", new JsonObject());
      return switch (type) {
        case "connection_ack" -> challenge(data);
        case "node_registered" -> registered(data);
        default -> new Other(type, data.getString("message", data.encode()));
      };
    } catch (DecodeException | ClassCastException e) {
      return new Other("?", "a frame that is no {type, data}");
    }
  }

  private static Heard challenge(JsonObject data) {
    JsonObject challenge = data.getJsonObject("challenge");
    if (challenge == null || challenge.getString("nonce") == null) {
      return new Other("connection_ack", "has no challenge.nonce: is this a hub of Muster?");
    }
    return new Challenge(
        data.getString("hubId", ""),
        challenge.getString("nonce"),
        data.getInteger("maxFrameBytes", RelayPeer.USUAL_FRAME_BYTES));
  }

  private static Heard registered(JsonObject data) {
    if (data.getBoolean("success", false)) {
      JsonObject key = data.getJsonObject("hubInfo", new JsonObject()).getJsonObject("fleetKey");
      return new Registered(key == null ? null : fleetKey(key));
    }
    return new Refusal(
        data.getString("message", "the hub gives no reason"),
        data.getValue("retryAfterMs") != null);
  }

  private static FleetKey fleetKey(JsonObject key) {
    return new FleetKey(
        key.getString("publicKey", ""), key.getString("algorithm", ""), key.getString("proof"));
  }

  /** The answer to a challenge. */
  JsonObject answer(Challenge challenge, NodeInfo node) {
    KeyProof proof = KeyProof.of(keys, challenge.nonce(), node.id());
    JsonObject auth =
        new JsonObject()
            .put("publicKey", proof.publicKey())
            .put("algorithm", proof.algorithm())
            .put("signature", proof.signature());
    if (joinToken != null) {
      auth.put("joinToken", joinToken);
    }
    if (secret != null) {
      auth.put(
          "secretProof",
          KeyProof.ofSecret(secret, challenge.nonce(), node.id(), proof.publicKey()));
    }
    JsonObject data =
        new JsonObject()
            .put("nodeId", node.id())
            .put("name", node.name())
            .put("type", node.type().name().toLowerCase(Locale.ROOT))
            .put("version", node.version())
            .put("capabilities", new JsonArray(node.capabilities()))
            .put("tools", new JsonArray(node.toolNames()))
            .put("auth", auth)
            .put("muster", JsonObject.mapFrom(node));
    return new JsonObject().put("type", "node_register").put("data", data);
  }
}
