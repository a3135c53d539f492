package io.muster.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The public key of a fleet, as a hub tells it to nodes: what its hubs' commands are signed with.
 * One key for all hubs of a database, and not one a process: a node keeps it, and knows the hubs
 * that come after.
 *
 * @param publicKey base64 of the X.509 SubjectPublicKeyInfo
 * @param algorithm {@code Ed25519}
 * @param proof shows that whoever tells it has the fleet's secret; null when there is none
 */
public record FleetKey(String publicKey, String algorithm, String proof) {
  private static final String LABEL = "muster-fleet-v1\n";
  private static final String HMAC = "HmacSHA256";

  /**
   * @param secret {@code ROOT_NODE_SECRET}, null for none
   */
  public static FleetKey of(PublicNodeKey key, String secret) {
    String proof = secret == null ? null : hmac(secret, key.encoded());
    return new FleetKey(key.encoded(), key.algorithm().label(), proof);
  }

  /** Whether somebody who has this secret told the key. */
  public boolean isProvedBy(String secret) {
    return proof != null && publicKey != null && KeyProof.same(hmac(secret, publicKey), proof);
  }

  private static String hmac(String secret, String publicKey) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), HMAC));
      return Base64.getEncoder()
          .encodeToString(mac.doFinal((LABEL + publicKey).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + HMAC, e);
    }
  }
}
