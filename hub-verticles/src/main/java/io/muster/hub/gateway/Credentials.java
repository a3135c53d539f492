package io.muster.hub.gateway;

import io.muster.hub.http.JsonBody;
import io.muster.hub.identity.Claim;
import io.muster.identity.KeyProof;
import io.muster.identity.PublicNodeKey;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a node shows of who it is when it registers, checked against the nonce of its connection.
 *
 * @param claim what it proved
 * @param guess it showed a proof of the secret that does not hold
 */
record Credentials(Claim claim, boolean guess) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final String HUB = "hub-";

  /** The id that the node gives itself; empty when the hub is to give one. */
  static Optional<String> nodeId(JsonBody data) {
    Optional<String> id = data.optionalString("nodeId").filter(text -> !text.isEmpty());
    id.ifPresent(
        text -> {
          if (!ID.matcher(text).matches() || text.startsWith(HUB)) {
            throw new FrameFault(
                "invalid_field",
                "'nodeId' has to be 1 to 64 letters, digits, '.', '_' or '-', and not to begin with"
                    + " hub-");
          }
        });
    return id;
  }

  /**
   * Checks the proofs.
   *
   * @param fallbackId the id of a node that gives itself none and shows no key
   * @param entry what the connection's path showed
   * @param secret {@code ROOT_NODE_SECRET} or null
   * @throws FrameFault when a proof does not hold
   */
  static Credentials check(
      JsonBody data, String nonce, String fallbackId, NodeConnection.Entry entry, String secret) {
    String given = nodeId(data).orElse("");
    Optional<JsonBody> auth = data.object("auth");
    PublicNodeKey key = auth.map(body -> key(body, nonce, given)).orElse(null);
    String encoded = key == null ? "" : auth.orElseThrow().string("publicKey");
    String secretProof = auth.flatMap(body -> body.optionalString("secretProof")).orElse(null);
    boolean secretHolds =
        secret != null
            && secretProof != null
            && KeyProof.same(secretProof, KeyProof.ofSecret(secret, nonce, given, encoded));
    String id = !given.isEmpty() ? given : key == null ? fallbackId : "node-" + key.fingerprint();
    return new Credentials(
        new Claim(
            id,
            key,
            auth.flatMap(body -> body.optionalString("joinToken")).orElse(null),
            secretHolds,
            entry.vcpKey(),
            entry.authenticated() && !entry.vcpKey(),
            0),
        secret != null && secretProof != null && !secretHolds);
  }

  private static PublicNodeKey key(JsonBody auth, String nonce, String nodeId) {
    if (!auth.has("publicKey") && !auth.has("signature")) {
      return null;
    }
    KeyProof proof =
        new KeyProof(auth.string("publicKey"), auth.string("algorithm"), auth.string("signature"));
    try {
      return proof.verify(nonce, nodeId);
    } catch (IllegalArgumentException e) {
      throw new FrameFault("not_proved", "auth: " + e.getMessage());
    }
  }
}
