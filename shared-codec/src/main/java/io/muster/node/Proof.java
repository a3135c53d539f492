package io.muster.node;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Shows that a node has the fleet's secret ({@code ROOT_NODE_SECRET}) without telling it: an HMAC
 * (RFC 2104, SHA-256) of who registers. It holds for one process of one node.
 */
public final class Proof {
  private static final String ALGORITHM = "HmacSHA256";

  private Proof() {}

  /** The proof of this node's process. */
  public static String of(String secret, NodeInfo info) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      mac.update(info.id().getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return Base64.getEncoder()
          .encodeToString(mac.doFinal(info.instance().getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Whether a registration shows the secret; compared in constant time. */
  public static boolean holds(String secret, NodeMessage.Register register) {
    return register.proof() != null
        && MessageDigest.isEqual(
            of(secret, register.info()).getBytes(StandardCharsets.UTF_8),
            register.proof().getBytes(StandardCharsets.UTF_8));
  }
}
